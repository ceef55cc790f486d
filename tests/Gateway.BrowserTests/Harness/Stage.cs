using Gateway.BrowserTests.Harness;
using Quickstart;

[assembly: AssemblyFixture(typeof(Stage))]

namespace Gateway.BrowserTests.Harness;

/// <summary>
/// What all tests share: one Chromium, and one Quickstart with a few routes more than the shipped ones. Both start when first
/// asked for.
/// </summary>
public sealed class Stage : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-browser-").FullName;
    private readonly Lazy<Task<RunningSystem>> _system;
    private Lazy<Task<Chromium>>? _chromium;

    public Stage() => _system = new(() => StartAsync(Configurations.Default));

    /// <summary>The Quickstart that tests share; they tell each other's people apart by their addresses.</summary>
    internal Task<RunningSystem> SharedAsync() => _system.Value;

    /// <summary>A Quickstart for one test, with DevKratos and all ports free. The caller ends it.</summary>
    internal async Task<RunningSystem> StartAsync(string yaml)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, yaml);
        return await RunningSystem.StartAsync(new LaunchOptions(Ports.Free) { ConfigFile = file }, CancellationToken.None);
    }

    /// <summary>A new person with a browser of their own in front of the shared Quickstart.</summary>
    internal async Task<Visitor> VisitorAsync()
    {
        Chromium.RequireInstalled();
        return await VisitorAsync((await SharedAsync()).Origin);
    }

    internal async Task<Visitor> VisitorAsync(Uri origin)
    {
        var path = Chromium.RequireInstalled();
        var chromium = LazyInitializer.EnsureInitialized(ref _chromium, () => new(() => Chromium.StartAsync(path)));
        return await Visitor.ArriveAsync(await chromium.Value, origin);
    }

    /// <summary>A person with an account in front of the shared Quickstart.</summary>
    /// <param name="signedInFor">How long ago they signed in; null: they are not signed in.</param>
    internal async Task<Visitor> MemberAsync(TimeSpan? signedInFor = null)
    {
        Chromium.RequireInstalled();
        return await MemberAsync(await SharedAsync(), signedInFor);
    }

    internal async Task<Visitor> MemberAsync(RunningSystem system, TimeSpan? signedInFor = null)
    {
        var person = await VisitorAsync(system.Origin);
        var identity = await system.Kratos!.CreateIdentityAsync(person.Email, Visitor.Password);
        if (signedInFor is not { } age) return person;
        var session = system.Kratos.SignIn(identity.Id);
        system.Kratos.SetAuthenticatedAt(session.SessionId, TimeProvider.System.GetUtcNow() - age);
        await person.TakeSessionAsync(session);
        return person;
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is { IsValueCreated: true })
            await (await _chromium.Value).DisposeAsync();
        if (_system.IsValueCreated)
            await (await _system.Value).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
