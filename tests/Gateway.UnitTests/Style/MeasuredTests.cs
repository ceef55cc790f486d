using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.UnitTests.Style;

/// <summary>
/// Prints the table "Measured" of docs/architecture.md as it is now:
/// <c>dotnet run --project tests/Gateway.UnitTests -- -class "*MeasuredTests" -showliveoutput</c>.
/// </summary>
public sealed partial class MeasuredTests(ITestOutputHelper output)
{
    private static readonly string[] Parts = ["src/Gateway", "src/DevKratos", "src", "tests"];

    private static readonly (string Name, Func<Part, string> Value)[] Rows =
    [
        ("files / lines", part => $"{part.Lengths.Length} / {Number(part.Lengths.Sum())}"),
        ("median and longest file", part => $"{part.Lengths[part.Lengths.Length / 2]}, {part.Lengths[^1]}"),
        ("lines over 120 / 130 / 140 characters", part => string.Join(" / ", new[] { 120, 130, 140 }.Select(part.LongerThan))),
        ("lines with more than one statement", part => part.Count(StyleRules.CrowdedLines)),
        ("nested ternaries", part => part.Count(StyleRules.NestedTernaries)),
        ("constructors with more than 6 parameters, outside `Hosting/`", part => part.WideConstructors()),
        ("folders in a cycle", part => part.Cycles()),
        ("interfaces", part => Number(part.Matches(Interface()))),
        ("sealed classes", part => $"{part.Matches(SealedClass())} of {part.Matches(Class())}"),
    ];

    [Fact]
    public void Table_OfAllParts_IsPrinted()
    {
        Part[] parts = [.. Parts.Select(p => new Part(p))];
        output.WriteLine($"| | {string.Join(" | ", Parts.Select(p => $"`{p}/`"))} |");
        output.WriteLine($"| --- |{string.Concat(Parts.Select(_ => " --- |"))}");
        foreach (var (name, value) in Rows)
            output.WriteLine($"| {name} | {string.Join(" | ", parts.Select(value))} |");

        Assert.All(parts, part => Assert.NotEmpty(part.Lengths));
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\binterface\s+\w")]
    private static partial Regex Interface();

    /// <summary>Static ones cannot be derived from either, and do not count.</summary>
    [GeneratedRegex(@"^\s*(?!.*\bstatic\b)(?:\w+ )*(?:class|record(?! struct)) \w", RegexOptions.Multiline)]
    private static partial Regex Class();

    [GeneratedRegex(@"^\s*(?:\w+ )*sealed (?:\w+ )*(?:class|record(?! struct)) \w", RegexOptions.Multiline)]
    private static partial Regex SealedClass();

    private sealed class Part(string folder)
    {
        private readonly CodeText[] _texts = [.. SourceFiles.In(folder).Select(SourceFiles.Text)];

        public int[] Lengths => [.. _texts.Select(t => t.Lines.Length - 1).Order()];

        public string Count(Func<CodeText, IEnumerable<int>> rule) => Number(_texts.Sum(t => rule(t).Count()));

        public string LongerThan(int longest) => Count(text => StyleRules.LongLines(text, longest));

        public string WideConstructors()
        {
            var composed = SourceFiles.In(folder).Where(f => !f.StartsWith(StyleTests.Composing, StringComparison.Ordinal));
            return Number(composed.Sum(f => StyleRules.WideConstructors(SourceFiles.Text(f)).Count()));
        }

        /// <summary>Of each project by itself.</summary>
        public string Cycles()
        {
            var projects = SourceFiles.In(folder).Select(f => f.Split('/')[1]).Distinct();
            var uses = projects.Select(p => FolderUses.Of(folder.Split('/')[0], p)).ToArray();
            return $"{uses.Sum(u => u.InCycles().Count())} of {uses.Sum(u => u.Folders.Count())}";
        }

        public int Matches(Regex regex) => _texts.Sum(t => regex.Count(t.Code));
    }
}
