using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Identity;

/// <summary>
/// The gateway's public keys. Fetched when they are first needed, every five minutes, and at once for a key id that is not
/// among them, so that a rotation fails no request; at most once a second, so that forged key ids do not become a flood.
/// While the gateway does not answer, the last good ones serve. (The library's own manager renews in the background: the
/// first token of a new key would be refused.)
/// </summary>
internal sealed class GatewayKeys : BaseConfigurationManager, IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly HttpClient _http;
    private readonly Uri _url;
    private OpenIdConnectConfiguration? _keys;
    private long _askedAt;
    private volatile bool _isAsked;

    public GatewayKeys(Uri url, TimeSpan timeout)
    {
        _url = url;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = timeout };
    }

    /// <exception cref="InvalidOperationException">There are no keys yet, and the gateway does not give any.</exception>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (!IsDue) return _keys!;
        await _one.WaitAsync(cancel);
        try
        {
            if (IsDue)
                await FetchAsync(cancel);
        }
        finally
        {
            _one.Release();
        }
        return _keys ?? throw new InvalidOperationException($"No keys from {_url}.");
    }

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) =>
        await GetConfigurationAsync(cancel);

    /// <summary>Somebody met a key id that is not among the keys.</summary>
    public override void RequestRefresh() => _isAsked = true;

    public void Dispose()
    {
        _one.Dispose();
        _http.Dispose();
    }

    private bool IsDue
    {
        get
        {
            var askedAt = Volatile.Read(ref _askedAt);
            if (askedAt == 0) return true;
            var since = TimeProvider.System.GetElapsedTime(askedAt);
            return since > Life || (_isAsked || _keys is null) && since > Pause;
        }
    }

    private async Task FetchAsync(CancellationToken cancel)
    {
        _isAsked = false;
        Volatile.Write(ref _askedAt, TimeProvider.System.GetTimestamp());
        try
        {
            var keys = new JsonWebKeySet(await _http.GetStringAsync(_url, cancel));
            var read = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
            foreach (var key in keys.GetSigningKeys())
                read.SigningKeys.Add(key);
            _keys = read;
        }
        catch (Exception e) when (e is HttpRequestException or ArgumentException or TaskCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
        }
    }
}
