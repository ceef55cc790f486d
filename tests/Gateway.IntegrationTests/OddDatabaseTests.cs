using System.Net;
using System.Text;
using Gateway.IntegrationTests.Harness;
using Gateway.Replication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.IntegrationTests;

/// <summary>Whatever the database says that carries revocations, the gateway serves on and tries again.</summary>
public sealed class OddDatabaseTests
{
    private static readonly (string Name, byte[] Bytes)[] Nonsense =
    [
        ("nothing", []),
        ("zeros", new byte[64]),
        ("ones", [.. Enumerable.Repeat((byte)0xFF, 64)]),
        ("letters", [.. Enumerable.Range(0, 256).Select(i => (byte)i)]),
        ("another protocol", Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
        ("an unknown letter", FakePostgres.Message('?', [1, 2, 3])),
        ("a login method of no version", FakePostgres.Message('R', [0, 0, 0, 99])),
        ("half a login method", FakePostgres.Message('R', [0])),
        ("a length below zero", [(byte)'R', 0xFF, 0xFF, 0xFF, 0xFE, 0, 0, 0, 0, 0, 0]),
        ("a length that ends in the air", [(byte)'E', 0, 0, 16, 0, (byte)'S']),
        ("an error without an end", FakePostgres.Message('E', "SFATAL"u8)),
        ("an error without a code", FakePostgres.Message('E', "Mno\0\0"u8)),
        ("an error of letters", FakePostgres.Message('E', [0xC3, 0x28, 0xFF, 0xFE, 0, 0])),
        ("a parameter without a value", FakePostgres.Message('S', "server_version"u8)),
        ("a version that is none", FakePostgres.Message('S', "server_version\0no number\0"u8)),
        ("a time zone that is none", FakePostgres.Message('S', "TimeZone\0\xFF\0"u8)),
        ("half a notification", FakePostgres.Message('A', [0, 0, 0, 1, (byte)'x'])),
        ("a notification of anything", FakePostgres.Message('A', "\0\0\0\u0001gateway_revocations\0other c:%%%\0"u8)),
        ("columns below zero", FakePostgres.Message('T', [0xFF, 0xFF, 1, 2])),
        ("a row nobody asked for", FakePostgres.Message('D', [0, 9, 0, 0])),
        ("a command's end of numbers", FakePostgres.Message('C', "INSERT 99999999999999999999 x\0"u8)),
        ("a copy", FakePostgres.Message('G', [0, 0, 1, 0, 0])),
        ("a state that is none", FakePostgres.Message('Z', "?"u8)),
        ("half a key", FakePostgres.Message('K', [0, 0])),
    ];

    public static TheoryData<NonsenseAt, string> Cases
    {
        get
        {
            var cases = new TheoryData<NonsenseAt, string>();
            foreach (var stage in Enum.GetValues<NonsenseAt>())
                foreach (var (name, _) in Nonsense)
                    cases.Add(stage, name);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_database_that_answers_nonsense_ends_nothing(NonsenseAt stage, string name)
    {
        await using var database = FakePostgres.Start(stage, Nonsense.Single(one => one.Name == name).Bytes);
        await using var system = await TestSystem.StartAsync([$"--Replication:ConnectionString={database.ConnectionString}"]);
        var stopping = system.Gateway.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var relay = system.Gateway.Services.GetRequiredService<RevocationRelay>();

        // The one that listens and the one that sends, both again and again.
        await TestSystem.UntilAsync(() => Task.FromResult(stopping.IsCancellationRequested || database.Connections >= 4));

        Assert.False(stopping.IsCancellationRequested, "the gateway stops");
        Assert.False(relay.ExecuteTask!.IsCompleted, "replication has ended");
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/public/x")).StatusCode);
        await TestSystem.UntilAsync(() => Task.FromResult(relay.IsLost));
    }
}
