namespace Gateway.Configuration;

/// <summary>
/// What is wrong with a part of the configuration, each with its place below it (such as <c>:Require:0:SessionAge</c>).
/// </summary>
internal sealed class PlacedProblems
{
    private readonly List<(string Place, string Problem)> _all = [];
    private string _place = "";

    public IReadOnlyList<(string Place, string Problem)> All => _all;

    public void Add(string problem) => _all.Add((_place, problem));

    /// <summary>A key that nobody reads, at its own place.</summary>
    public void AddUnknown(string key, IEnumerable<string> known) =>
        Under(key, () => Add($"is an unknown key{Suggestion.For(key, known)}"));

    public void Under(string name, Action read) => Under(name, () =>
    {
        read();
        return 0;
    });

    /// <summary>Runs <paramref name="read"/> with its problems placed under <paramref name="name"/>.</summary>
    public T Under<T>(string name, Func<T> read)
    {
        var outer = _place;
        _place = $"{outer}:{name}";
        try
        {
            return read();
        }
        finally
        {
            _place = outer;
        }
    }
}
