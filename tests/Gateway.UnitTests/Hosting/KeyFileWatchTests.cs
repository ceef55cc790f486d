using Gateway.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Hosting;

public sealed class KeyFileWatchTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Look_ConfigurationCannotBeReadNow_TriesAgain()
    {
        var key = Path.Combine(_folder, "key.pem");
        File.WriteAllText(key, "one");
        var source = new Source(key);
        using var root = new ConfigurationRoot([source]);
        var time = new FakeTimeProvider();
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var watch = ActivatorUtilities.CreateInstance<KeyFileWatch>(services, root, _folder, time);
        await watch.StartAsync(TestContext.Current.CancellationToken);

        File.WriteAllText(key, "two");
        source.IsBroken = true;
        time.Advance(Period);
        source.IsBroken = false;
        time.Advance(Period);
        time.Advance(Period);

        Assert.Equal(2, source.Loads);
    }

    /// <summary>Names one key file.</summary>
    private sealed class Source(string key) : ConfigurationProvider
    {
        public bool IsBroken { get; set; }

        public int Loads { get; private set; }

        public override void Load()
        {
            if (IsBroken) throw new UnauthorizedAccessException();
            Data["IdentityToken:SigningKeys:0:File"] = key;
            Loads++;
        }
    }
}
