using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Gateway.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.IntegrationTests;

/// <summary>Every instrument is defined once: <c>/metrics</c> and the meter <c>Gateway</c> say the same.</summary>
public sealed partial class MetricsTests
{
    /// <summary>Replication with a database that nobody can reach, so that its families are there.</summary>
    private const string Replication = "--Replication:ConnectionString=Host=127.0.0.1;Port=1;Database=gateway";

    private const string TwoRoutes = """
        ReverseProxy:
          Routes:
            private: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: "/private/{**rest}" } }
            public: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/public/{**rest}" } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    /// <summary>After <see cref="SendSomeAsync"/>, without buckets; <c>#</c> is what nobody can know beforehand.</summary>
    private const string Page = """
        # HELP gateway_requests_total Answered requests by route and status class.
        # TYPE gateway_requests_total counter
        gateway_requests_total{route="gateway:none",status="4xx"} 1
        gateway_requests_total{route="private",status="2xx"} 3
        gateway_requests_total{route="private",status="4xx"} 2
        gateway_requests_total{route="public",status="5xx"} 1
        # HELP gateway_request_duration_seconds Time from the first byte seen to the last byte answered.
        # TYPE gateway_request_duration_seconds histogram
        gateway_request_duration_seconds_sum{route="gateway:home"} #
        gateway_request_duration_seconds_count{route="gateway:home"} 0
        gateway_request_duration_seconds_sum{route="gateway:none"} #
        gateway_request_duration_seconds_count{route="gateway:none"} 1
        gateway_request_duration_seconds_sum{route="kratos"} #
        gateway_request_duration_seconds_count{route="kratos"} 0
        gateway_request_duration_seconds_sum{route="private"} #
        gateway_request_duration_seconds_count{route="private"} 5
        gateway_request_duration_seconds_sum{route="public"} #
        gateway_request_duration_seconds_count{route="public"} 1
        gateway_request_duration_seconds_sum{route="self-service"} #
        gateway_request_duration_seconds_count{route="self-service"} 0
        # HELP gateway_decisions_total Access decisions by route and reason.
        # TYPE gateway_decisions_total counter
        gateway_decisions_total{route="private",decision="allow",reason=""} 3
        gateway_decisions_total{route="private",decision="deny",reason="no_session"} 1
        gateway_decisions_total{route="private",decision="deny",reason="session_invalid"} 1
        gateway_decisions_total{route="public",decision="allow",reason=""} 1
        # HELP gateway_upstream_errors_total Requests that got no complete answer from the upstream.
        # TYPE gateway_upstream_errors_total counter
        gateway_upstream_errors_total{route="public"} 1
        # HELP gateway_access_log_dropped_total Access log lines dropped because output could not keep up.
        # TYPE gateway_access_log_dropped_total counter
        gateway_access_log_dropped_total 0
        # HELP gateway_log_dropped_total Log events dropped because output could not keep up.
        # TYPE gateway_log_dropped_total counter
        gateway_log_dropped_total 0
        # HELP gateway_session_lookups_total Session look-ups by result.
        # TYPE gateway_session_lookups_total counter
        gateway_session_lookups_total{result="hit"} 2
        gateway_session_lookups_total{result="refused_hit"} 0
        gateway_session_lookups_total{result="miss"} 2
        gateway_session_lookups_total{result="stale"} 0
        gateway_session_lookups_total{result="doubted"} 0
        # HELP gateway_session_cache_entries Cached verdicts.
        # TYPE gateway_session_cache_entries gauge
        gateway_session_cache_entries{kind="session"} 1
        gateway_session_cache_entries{kind="refused"} 1
        # HELP gateway_whoami_requests_total Calls to Kratos' whoami by its answer.
        # TYPE gateway_whoami_requests_total counter
        gateway_whoami_requests_total{answer="active"} 1
        gateway_whoami_requests_total{answer="second_factor_required"} 0
        gateway_whoami_requests_total{answer="no_session"} 1
        gateway_whoami_requests_total{answer="no_verdict"} 0
        gateway_whoami_requests_total{answer="busy"} 0
        # HELP gateway_whoami_duration_seconds Time until Kratos' verdict, readiness check included.
        # TYPE gateway_whoami_duration_seconds histogram
        gateway_whoami_duration_seconds_sum #
        gateway_whoami_duration_seconds_count 2
        # HELP gateway_kratos_ready Last known readiness of Kratos: 1 ready, 0 not, -1 not known.
        # TYPE gateway_kratos_ready gauge
        gateway_kratos_ready 1
        # HELP gateway_replication_connected Whether revocations of other replicas are heard: 1 or 0.
        # TYPE gateway_replication_connected gauge
        gateway_replication_connected 0
        # HELP gateway_replication_revocations_total Revocations carried between replicas.
        # TYPE gateway_replication_revocations_total counter
        gateway_replication_revocations_total{direction="sent"} 0
        gateway_replication_revocations_total{direction="received"} 0
        # HELP gateway_streams_open Open streams by kind.
        # TYPE gateway_streams_open gauge
        gateway_streams_open{kind="websocket"} 0
        gateway_streams_open{kind="event_stream"} 0
        gateway_streams_open{kind="grpc"} 0
        gateway_streams_open{kind="other"} 0
        # HELP gateway_streams_ended_total Streams that the gateway ended, by reason.
        # TYPE gateway_streams_ended_total counter
        gateway_streams_ended_total{reason="session_ended"} 0
        gateway_streams_ended_total{reason="session_expired"} 0
        gateway_streams_ended_total{reason="session_unconfirmed"} 0
        gateway_streams_ended_total{reason="max_age"} 0
        gateway_streams_ended_total{reason="idle"} 0
        gateway_streams_ended_total{reason="shutdown"} 0
        # HELP gateway_rate_limiter_limited_total Requests refused by a rate limit, by policy.
        # TYPE gateway_rate_limiter_limited_total counter
        gateway_rate_limiter_limited_total{policy="sign-in"} 0
        # HELP gateway_rate_limiter_partitions Keys that a policy counts apart.
        # TYPE gateway_rate_limiter_partitions gauge
        gateway_rate_limiter_partitions{policy="sign-in"} 0
        # HELP gateway_rate_limiter_overflowed_total Requests counted in a policy's bucket for the rest, because all of its partitions were taken.
        # TYPE gateway_rate_limiter_overflowed_total counter
        gateway_rate_limiter_overflowed_total{policy="sign-in"} 0
        # HELP gateway_rate_limiter_uncounted_total Requests that Redis did not count.
        # TYPE gateway_rate_limiter_uncounted_total counter
        gateway_rate_limiter_uncounted_total{policy="sign-in"} 0
        # HELP gateway_config_reloads_total Configuration reloads by result.
        # TYPE gateway_config_reloads_total counter
        gateway_config_reloads_total{result="applied"} 0
        gateway_config_reloads_total{result="refused"} 0
        # HELP gateway_config_last_applied_timestamp_seconds When the serving configuration was taken.
        # TYPE gateway_config_last_applied_timestamp_seconds gauge
        gateway_config_last_applied_timestamp_seconds #
        # HELP process_cpu_seconds_total CPU time of the process.
        # TYPE process_cpu_seconds_total counter
        process_cpu_seconds_total #
        # HELP process_resident_memory_bytes Resident memory of the process.
        # TYPE process_resident_memory_bytes gauge
        process_resident_memory_bytes #
        # HELP dotnet_gc_heap_bytes Managed heap.
        # TYPE dotnet_gc_heap_bytes gauge
        dotnet_gc_heap_bytes #

        """;

    /// <summary>Every instrument with its unit, and what Prometheus calls it.</summary>
    private static readonly Dictionary<(string Name, string? Unit), string> Families = new()
    {
        [("gateway.requests", "{request}")] = "gateway_requests_total",
        [("gateway.request.duration", "s")] = "gateway_request_duration_seconds",
        [("gateway.decisions", "{decision}")] = "gateway_decisions_total",
        [("gateway.upstream.errors", "{request}")] = "gateway_upstream_errors_total",
        [("gateway.access_log.dropped", "{line}")] = "gateway_access_log_dropped_total",
        [("gateway.log.dropped", "{event}")] = "gateway_log_dropped_total",
        [("gateway.session.lookups", "{lookup}")] = "gateway_session_lookups_total",
        [("gateway.session.cache.entries", "{entry}")] = "gateway_session_cache_entries",
        [("gateway.whoami.requests", "{request}")] = "gateway_whoami_requests_total",
        [("gateway.whoami.duration", "s")] = "gateway_whoami_duration_seconds",
        [("gateway.kratos.ready", null)] = "gateway_kratos_ready",
        [("gateway.replication.connected", null)] = "gateway_replication_connected",
        [("gateway.replication.revocations", "{revocation}")] = "gateway_replication_revocations_total",
        [("gateway.streams.open", "{stream}")] = "gateway_streams_open",
        [("gateway.streams.ended", "{stream}")] = "gateway_streams_ended_total",
        [("gateway.rate_limiter.limited", "{request}")] = "gateway_rate_limiter_limited_total",
        [("gateway.rate_limiter.partitions", "{partition}")] = "gateway_rate_limiter_partitions",
        [("gateway.rate_limiter.overflowed", "{request}")] = "gateway_rate_limiter_overflowed_total",
        [("gateway.rate_limiter.uncounted", "{request}")] = "gateway_rate_limiter_uncounted_total",
        [("gateway.config.reloads", "{reload}")] = "gateway_config_reloads_total",
        [("gateway.config.last_applied.timestamp", "s")] = "gateway_config_last_applied_timestamp_seconds",
    };

    [Fact]
    public async Task The_page_has_these_families_and_series_in_this_order()
    {
        await using var system = await TestSystem.StartAsync([Replication], TwoRoutes);

        var page = await SendSomeAsync(system);

        var lines = page.Split('\n').Where(l => !l.Contains("_bucket", StringComparison.Ordinal));
        Assert.Equal(Page, Unforeseeable().Replace(string.Join('\n', lines), "$1 #"));
        Assert.Equal(
            ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"],
            Bounds().Matches(page).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public async Task Replication_has_no_families_while_it_is_off()
    {
        await using var system = await TestSystem.StartAsync();

        Assert.DoesNotContain("gateway_replication", await system.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_meter_Gateway_says_what_the_page_says()
    {
        await using var system = await TestSystem.StartAsync([Replication], TwoRoutes);
        using var meter = new ListenerToOne(
            system.Gateway.Services.GetRequiredService<IMeterFactory>(),
            instrument => Families[(instrument.Name, instrument.Unit)]);

        var page = await SendSomeAsync(system);

        Assert.Equal(Families.Keys.Order(), meter.Instruments.Select(i => (i.Name, i.Unit)).Order());
        foreach (var instrument in meter.Instruments)
            Assert.Contains(
                $"# HELP {Families[(instrument.Name, instrument.Unit)]} {instrument.Description}\n",
                page,
                StringComparison.Ordinal);
        var numbers = page.Split('\n')
            .Where(l => l.StartsWith("gateway_", StringComparison.Ordinal) && !NotOnTheMeter().IsMatch(l));
        Assert.Equal(numbers.Order(StringComparer.Ordinal), meter.Read().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_family_stands_in_the_documentation_with_its_labels()
    {
        var docs = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "docs", "operations.md"));
        foreach (Match series in Series().Matches(Page))
        {
            var labels = Labels().Matches(series.Groups[2].Value).Select(m => m.Groups[1].Value);
            var name = series.Groups[1].Value;
            Assert.Contains(
                series.Groups[2].Success ? $"`{name}{{{string.Join(',', labels)}}}`" : $"`{name}`",
                docs,
                StringComparison.Ordinal);
        }

        static string Here([CallerFilePath] string file = "") => file;
    }

    /// <summary>Allowed and denied, cached and not, without a route, to a service that is gone; then the page.</summary>
    private static async Task<string> SendSomeAsync(TestSystem system)
    {
        var session = await system.Kratos.SignInNewAsync("anna@example.org");
        for (var i = 0; i < 3; i++)
            await GetAsync(HttpStatusCode.OK, "/private/x", $"Cookie: {session.CookieHeader}");
        await GetAsync(HttpStatusCode.Unauthorized, "/private/x");
        await GetAsync(HttpStatusCode.Unauthorized, "/private/x", "X-Session-Token: unknown");
        await GetAsync(HttpStatusCode.NotFound, "/nowhere");
        await system.Service.DisposeAsync();
        await GetAsync(HttpStatusCode.BadGateway, "/public/x");

        // A request is counted after its answer, which the client may have by then.
        var page = "";
        await TestSystem.UntilAsync(async () =>
        {
            page = await system.MetricsAsync();
            return Answered().Matches(page).Sum(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)) == 7;
        });
        return page;

        async Task GetAsync(HttpStatusCode expected, string path, params string[] headers)
        {
            using var answer = await system.GetAsync(path, headers);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [GeneratedRegex(@"(?m)^(\w+_sum\S*|\w+_timestamp_seconds|process_\w+|dotnet_\w+) \S+$")]
    private static partial Regex Unforeseeable();

    [GeneratedRegex(@"whoami_duration_seconds_bucket\{le=""([^""]+)""\}")]
    private static partial Regex Bounds();

    [GeneratedRegex(@"(?m)^gateway_request_duration_seconds_count\S+ (\d+)$")]
    private static partial Regex Answered();

    /// <summary>Sums, buckets, and durations of which there was none.</summary>
    [GeneratedRegex(@"seconds_(sum|bucket)|seconds_count\S* 0$")]
    private static partial Regex NotOnTheMeter();

    [GeneratedRegex(@"(?m)^(gateway_\w+?|dotnet_\w+)(?:_sum|_count)?(?:\{(.+)\})? ")]
    private static partial Regex Series();

    [GeneratedRegex(@"(\w+)=""")]
    private static partial Regex Labels();
}
