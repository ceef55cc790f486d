namespace Gateway.Targets;

/// <summary>
/// The host a request is for, split for matching, from the header as it came: <c>HttpRequest.Host</c> decodes punycode on every
/// read, of lower-case letters only. <see cref="TargetGuard"/> has seen that it is usable.
/// </summary>
internal readonly ref struct RequestHost
{
    /// <summary>An IPv6 address in brackets is at most this long.</summary>
    public const int MaxAddress = 48;

    /// <param name="request">Its Host, and its scheme for the port where the Host names none.</param>
    /// <param name="buffer">For an IPv6 address, whose spelling is the sender's choice: <see cref="MaxAddress"/> long.</param>
    public RequestHost(HttpRequest request, Span<char> buffer)
    {
        var host = request.Headers.Host.ToString();
        var nameEnd = HostName.NameEnd(host);
        Name = host.AsSpan(0, nameEnd);
        if (HostName.TryPort(host.AsSpan(nameEnd), out var port))
            Port = port;
        else
            Port = request.IsHttps ? 443 : 80;
        if (Name is ['[', ..] && HostName.TryAddress(Name, out var address) && address.TryFormat(buffer[1..], out var length))
        {
            buffer[0] = '[';
            buffer[length + 1] = ']';
            Name = buffer[..(length + 2)];
        }
    }

    /// <summary>Empty: HTTP/1.0 without a Host.</summary>
    public ReadOnlySpan<char> Name { get; }

    public int Port { get; }
}
