namespace Gateway.Sessions.Credentials;

/// <summary>
/// Walks the pairs of one Cookie line (RFC 6265 section 5.4) without allocating; each item is a trimmed, non-empty range.
/// </summary>
internal ref struct CookiePairs(string line)
{
    private int _next;

    public Range Current { get; private set; }

    public readonly CookiePairs GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_next < line.Length)
        {
            var start = _next;
            var length = line.AsSpan(start).IndexOf(';');
            var end = length < 0 ? line.Length : start + length;
            _next = end + 1;
            while (start < end && line[start] is ' ' or '\t')
                start++;
            while (end > start && line[end - 1] is ' ' or '\t')
                end--;
            if (start == end) continue;
            Current = start..end;
            return true;
        }
        return false;
    }
}
