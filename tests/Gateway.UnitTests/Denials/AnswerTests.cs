using Gateway.Decisions;
using Gateway.Denials;

namespace Gateway.UnitTests.Denials;

public sealed class AnswerTests
{
    public static TheoryData<string> Reasons => [.. Enum.GetNames<Reason>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void To_EveryReason_HasAWholeAnswer(string reason)
    {
        var answer = Answer.To(Enum.Parse<Reason>(reason));
        Assert.InRange(answer.Status, 400, 504);
        Assert.Matches("^[a-z0-9_]+$", answer.Id);
        Assert.NotEmpty(answer.Title);
        Assert.EndsWith(".", answer.Message, StringComparison.Ordinal);
        Assert.Equal(answer.Status is 503, answer.RetryAfter is not null);
    }

    [Fact]
    public void Render_HostileRequestId_IsEncoded() =>
        Assert.DoesNotContain("<b>", DenialPage.Render(Answer.To(Reason.NoRoute), "<b>\"'&"), StringComparison.Ordinal);
}
