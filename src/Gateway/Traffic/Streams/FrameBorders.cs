namespace Gateway.Traffic.Streams;

/// <summary>
/// Follows one direction of a WebSocket from frame to frame (RFC 6455 section 5.2): a Close frame may stand only between two.
/// Reads the frames' heads, 2 to 14 bytes each, and counts the rest.
/// </summary>
internal struct FrameBorders
{
    private const int Close = 8;
    private const int MaskingKey = 4;

    private byte _headRead;
    private byte _headLength;
    private byte _lengthEnd;
    private bool _isClose;
    private bool _isInPayload;
    private ulong _left;

    /// <summary>Whether nothing of a frame has been seen that is not finished.</summary>
    public readonly bool IsAtBorder => _headRead == 0;

    /// <summary>Whether a Close frame has passed whole: nothing may follow it.</summary>
    public bool HasClosed { get; private set; }

    public void Advance(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[ToBorder(bytes)..];
    }

    /// <summary>Advances to the end of the frame that has begun, or of the bytes; how many of them that were.</summary>
    public int ToBorder(ReadOnlySpan<byte> bytes)
    {
        var read = 0;
        while (read < bytes.Length)
        {
            if (_isInPayload)
            {
                var payload = Math.Min(_left, (ulong)(bytes.Length - read));
                _left -= payload;
                read += (int)payload;
            }
            else
            {
                ReadHead(bytes[read++]);
            }
            if (!_isInPayload || _left > 0) continue;
            _isInPayload = false;
            _headRead = 0;
            HasClosed |= _isClose;
            break;
        }
        return read;
    }

    private void ReadHead(byte next)
    {
        if (_headRead == 0)
        {
            _isClose = (next & 0x0F) == Close;
            _headLength = 2;
        }
        else if (_headRead == 1)
        {
            var isMasked = (next & 0x80) != 0;
            _left = (ulong)next & 0x7F;
            _lengthEnd = _left switch
            {
                126 => 4,
                127 => 10,
                _ => 2,
            };
            if (_lengthEnd > 2)
                _left = 0;
            _headLength = (byte)(_lengthEnd + (isMasked ? MaskingKey : 0));
        }
        else if (_headRead < _lengthEnd)
        {
            _left = _left << 8 | next;
        }
        _isInPayload = ++_headRead == _headLength;
    }
}
