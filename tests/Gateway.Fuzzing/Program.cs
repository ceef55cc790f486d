using Gateway.Fuzzing;
using SharpFuzz;

// "NAME", from tests/fuzz: AFL++ feeds the parser of that name. "NAME FILE": one input again, such as a crash that was found.
if (args is [var name, ..] && Parsers.ByName.TryGetValue(name, out var parse))
{
    if (args is [_, var file])
        parse(File.ReadAllBytes(file));
    else
        Fuzzer.OutOfProcess.Run(input =>
        {
            using var bytes = new MemoryStream();
            input.CopyTo(bytes);
            parse(bytes.ToArray());
        });
    return 0;
}
Console.Error.WriteLine($"one of {string.Join(", ", Parsers.ByName.Keys)}, and a file to try one input");
return 2;
