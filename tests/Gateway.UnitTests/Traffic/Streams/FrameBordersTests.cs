using System.Buffers.Binary;
using Gateway.Traffic.Streams;

namespace Gateway.UnitTests.Traffic.Streams;

public sealed class FrameBordersTests
{
    private const byte Text = 1, Continuation = 0, Close = 8, Ping = 9;

    public static TheoryData<int, bool> Frames
    {
        get
        {
            var data = new TheoryData<int, bool>();
            foreach (var length in (int[])[0, 1, 125, 126, 127, 300, 65_535, 65_536, 70_000])
            {
                data.Add(length, false);
                data.Add(length, true);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void Advance_InPiecesOfAnySize_IsAtBorderOnlyBetweenFrames(int length, bool isMasked)
    {
        byte[] bytes =
        [
            .. Frame(Text, length, isMasked, isFinal: false),
            .. Frame(Ping, 3, isMasked),
            .. Frame(Continuation, length, isMasked),
        ];
        int[] borders =
        [
            Frame(Text, length, isMasked).Length,
            Frame(Text, length, isMasked).Length + Frame(Ping, 3, isMasked).Length,
            bytes.Length,
        ];
        foreach (var piece in (int[])[1, 2, 3, 7, 13, 4096, bytes.Length])
        {
            var frames = new FrameBorders();
            for (var at = 0; at < bytes.Length; at += piece)
            {
                var end = Math.Min(at + piece, bytes.Length);
                frames.Advance(bytes.AsSpan(at, end - at));
                Assert.Equal((piece, end, borders.Contains(end)), (piece, end, frames.IsAtBorder));
            }
            Assert.False(frames.HasClosed);
        }
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void ToBorder_WithMoreBehindIt_StopsAtTheFramesEnd(int length, bool isMasked)
    {
        var first = Frame(Text, length, isMasked);
        byte[] bytes = [.. first, .. Frame(Text, 5, isMasked)];
        var frames = new FrameBorders();

        frames.Advance(bytes.AsSpan(0, 1));

        Assert.Equal(first.Length - 1, frames.ToBorder(bytes.AsSpan(1)));
        Assert.True(frames.IsAtBorder);
    }

    [Fact]
    public void HasClosed_CloseFrame_OnlyWhenItIsWhole()
    {
        var bytes = Frame(Close, 2, isMasked: true);
        var frames = new FrameBorders();

        frames.Advance(bytes.AsSpan(0, bytes.Length - 1));
        Assert.False(frames.HasClosed);
        frames.Advance(bytes.AsSpan(bytes.Length - 1));

        Assert.True(frames.HasClosed);
        Assert.True(frames.IsAtBorder);
    }

    [Fact]
    public void WriteMasked_EveryReason_IsOneCloseFrameThatUnmasksToCodeAndReason()
    {
        foreach (var end in Enum.GetValues<StreamEnd>())
        {
            var buffer = new byte[200];
            var frame = buffer.AsSpan(0, CloseFrame.WriteMasked(end, buffer));
            var frames = new FrameBorders();
            Assert.Equal(frame.Length, frames.ToBorder(frame));
            Assert.True(frames.HasClosed);
            for (var i = 6; i < frame.Length; i++)
                frame[i] ^= frame[2 + (i - 6) % 4];

            Assert.Equal(CloseFrame.Of(end).AsSpan(2), frame[6..]);
            Assert.Equal(end.CloseCode(), BinaryPrimitives.ReadUInt16BigEndian(frame[6..]));
        }
    }

    private static byte[] Frame(byte code, int length, bool isMasked, bool isFinal = true)
    {
        var mask = (byte)(isMasked ? 0x80 : 0);
        byte[] head = length switch
        {
            < 126 => [(byte)(mask | length)],
            <= 65_535 => [(byte)(mask | 126), (byte)(length >> 8), (byte)length],
            _ => [(byte)(mask | 127), 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        };
        // Bytes that would be heads of Close frames, if they were taken for heads.
        var rest = new byte[length + (isMasked ? 4 : 0)];
        Array.Fill(rest, (byte)0x88);
        return [(byte)((isFinal ? 0x80 : 0) | code), .. head, .. rest];
    }
}
