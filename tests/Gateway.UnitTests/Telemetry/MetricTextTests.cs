using Gateway.Telemetry;

namespace Gateway.UnitTests.Telemetry;

public sealed class MetricTextTests
{
    [Fact]
    public void Label_HostileName_IsEscaped() =>
        Assert.Equal("route=\"a\\\"b\\\\c\\nd\"", MetricText.Label("route", "a\"b\\c\nd"));

    [Fact]
    public void Write_Histogram_IsCumulative()
    {
        var histogram = new DurationHistogram(null, new KeyValuePair<string, object?>("a", "b"));
        foreach (var ms in (double[])[0.5, 1, 3, 20_000])
            histogram.Record(TimeSpan.FromMilliseconds(ms));
        var text = new MetricText();
        histogram.Write(text, "d");
        var lines = text.ToString().Split('\n');
        Assert.Equal("d_bucket{a=\"b\",le=\"0.001\"} 2", lines[0]);
        Assert.Equal("d_bucket{a=\"b\",le=\"0.005\"} 3", lines[2]);
        Assert.Equal("d_bucket{a=\"b\",le=\"+Inf\"} 4", lines[^4]);
        Assert.Equal("d_sum{a=\"b\"} 20.0045", lines[^3]);
        Assert.Equal("d_count{a=\"b\"} 4", lines[^2]);
    }
}
