using System.Globalization;
using System.Text;
using System.Text.Json;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

/// <summary>
/// Holds the answers of DevKratos (or of the Kratos the environment names) beside those recorded from Ory Kratos v26.2.0.
/// </summary>
public sealed class RecordedAnswersTests
{
    private static readonly HashSet<string> TransportHeaders = new(
        StringComparer.OrdinalIgnoreCase) { "Date", "Content-Length", "Transfer-Encoding", "Connection", "Server", "Keep-Alive" };

    public static TheoryData<string> Names => [.. Recordings.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_answer_is_the_recorded_one(string name)
    {
        var recording = Recordings.Get(name);
        if (recording.Alone)
            KratosTarget.SkipAgainstRealKratos("needs a Kratos without other identities");
        await using var target = await KratosTarget.StartAsync(recording.Variant);
        var stage = new Stage(target);
        await stage.PrepareAsync(recording);

        using var answer = await stage.SendAsync(recording.Request);

        var expected = Describe(recording.Answer);
        var actual = await DescribeAsync(answer, recording.Answer);
        Assert.True(expected == actual, name + "\n" + Difference(expected, actual));
    }

    private static string Describe(RecordedAnswer answer)
    {
        var ignored = answer.Ignore ?? [];
        return Describe(
            answer.Status,
            answer.Headers.Where(h => !ignored.Contains(h.Key)).SelectMany(h => h.Value.Select(v => (h.Key, v))),
            answer.Json is { } json ? Normal.Json(json) : answer.Text ?? "");
    }

    private static async Task<string> DescribeAsync(HttpResponseMessage answer, RecordedAnswer recorded)
    {
        var ignored = recorded.Ignore ?? [];
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .Where(h => !TransportHeaders.Contains(h.Key) && !ignored.Contains(h.Key))
            .SelectMany(h => h.Value.Select(v => (h.Key, Normal.Text(v))));
        var isJson = text.Length > 0 && answer.Content.Headers.ContentType?.MediaType == "application/json";
        return Describe(
            (int)answer.StatusCode,
            headers,
            isJson ? Normal.Json(JsonDocument.Parse(text).RootElement) : Normal.Text(text).Trim('\n'));
    }

    private static string Describe(int status, IEnumerable<(string Name, string Value)> headers, string body)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{status}\n");
        foreach (var (name, value) in headers.OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase))
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        return text.Append('\n').Append(body).ToString();
    }

    /// <summary>The lines that differ, with a line of context before each group: - recorded, + answered.</summary>
    private static string Difference(string expected, string actual)
    {
        var (left, right) = (expected.Split('\n'), actual.Split('\n'));
        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var text = new StringBuilder("- recorded, + answered\n");
        var (a, b, same) = (0, 0, "");
        while (a < left.Length || b < right.Length)
        {
            if (a < left.Length && b < right.Length && left[a] == right[b])
            {
                (same, a, b) = (left[a], a + 1, b + 1);
                continue;
            }

            if (same.Length > 0)
                text.Append("  ").Append(same).Append('\n');
            same = "";
            if (b >= right.Length || (a < left.Length && common[a + 1, b] >= common[a, b + 1]))
                text.Append("- ").Append(left[a++]).Append('\n');
            else
                text.Append("+ ").Append(right[b++]).Append('\n');
        }

        return text.ToString();
    }
}
