namespace Gateway.Rules;

/// <summary>What is wrong with a rule, each with its place below the rule (such as <c>:Require:0:SessionAge</c>).</summary>
internal sealed class RuleProblems
{
    private readonly List<(string Place, string Problem)> _all = [];
    private string _place = "";

    public IReadOnlyList<(string Place, string Problem)> All => _all;

    public void Add(string problem) => _all.Add((_place, problem));

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
