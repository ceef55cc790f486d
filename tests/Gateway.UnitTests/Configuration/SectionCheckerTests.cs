using Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Configuration;

public sealed class SectionCheckerTests
{
    private sealed record Shape
    {
        public string Text { get; init; } = "";

        public int Number { get; init; }

        public bool Flag { get; init; }

        public TimeSpan Span { get; init; }

        public DayOfWeek? Day { get; init; }

        public Uri? Url { get; init; }

        public Version? Http { get; init; }

        public IReadOnlyList<int> Numbers { get; init; } = [];

        public IReadOnlyDictionary<string, Inner> Named { get; init; } = new Dictionary<string, Inner>();
    }

    private sealed record Inner(string? Text, TimeSpan? Span);

    private static IReadOnlyList<ConfigError> Check(params (string Key, string? Value)[] pairs)
    {
        var root = new ConfigurationBuilder()
            .AddInMemoryCollection(pairs.Select(p => KeyValuePair.Create($"S:{p.Key}", p.Value)))
            .Build();
        var errors = new ConfigErrors(root);
        SectionChecker.Check(root.GetSection("S"), typeof(Shape), errors);
        return errors.All;
    }

    [Fact]
    public void Check_EverythingRight_NoError() => Assert.Empty(Check(
        ("Text", ""), ("number", "5"), ("FLAG", "True"), ("Span", "00:00:30"), ("Day", "monday"), ("Url", "http://h"),
        ("Numbers:0", "1"), ("Named:any name:Text", "x"), ("Named:b:Span", "0"), ("Named:c:Span", null)));

    /// <summary>YARP reads 2 as 2.0.</summary>
    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("2.0")]
    [InlineData("3")]
    public void Check_VersionOfHttp_NoError(string version) => Assert.Empty(Check(("Http", version)));

    [Theory]
    [InlineData("Txt", "x", "did you mean Text?")]
    [InlineData("Named:a:Txt", "x", "did you mean Text?")]
    [InlineData("Number", "five", "a number")]
    [InlineData("Number", "", "a number")]
    [InlineData("Number", "99999999999", "a number")]
    [InlineData("Http", "two", "a number")]
    [InlineData("Http", "2.", "a number")]
    [InlineData("Http", "", "a number")]
    [InlineData("Flag", "yes", "true or false")]
    [InlineData("Flag", "", "true or false")]
    [InlineData("Span", "30s", "hh:mm:ss")]
    [InlineData("Span", "30", "count days")]
    [InlineData("Named:a:Span", "1", "count days")]
    [InlineData("Day", "Someday", "Monday")]
    [InlineData("Numbers", "1", "list")]
    [InlineData("Numbers:a", "1", "no names")]
    [InlineData("Named", "x", "section is expected")]
    public void Check_Mistake_NamesTheKeyAndTheCure(string key, string value, string cure)
    {
        var error = Assert.Single(Check((key, value)));
        Assert.Equal($"S:{key}", error.Key);
        Assert.Contains(cure, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SectionInTheSeatOfAValue_NamesTheValue() =>
        Assert.Equal("S:Text", Assert.Single(Check(("Text:a", "x"))).Key);

    [Fact]
    public void Check_SeveralMistakes_AllNamed() => Assert.Equal(3, Check(("A", "x"), ("Number", "x"), ("Span", "x")).Count);
}
