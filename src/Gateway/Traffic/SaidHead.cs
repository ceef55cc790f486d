using Microsoft.Extensions.Primitives;

namespace Gateway.Traffic;

/// <summary>
/// What the gateway has said in an answer's head before a service is asked: a renewed session cookie, which nobody gets a second
/// time, what is left of a rate limit. It stands whatever clears the head afterwards.
/// </summary>
internal readonly struct SaidHead
{
    private readonly HttpResponse _response;
    private readonly KeyValuePair<string, StringValues>[] _headers;

    public SaidHead(HttpResponse response)
    {
        _response = response;
        _headers = response.Headers.Count == 0 ? [] : [.. response.Headers];
    }

    /// <summary>Says it again where nothing else is said meanwhile.</summary>
    public void Restore()
    {
        foreach (var (name, value) in _headers)
            _response.Headers.TryAdd(name, value);
    }
}
