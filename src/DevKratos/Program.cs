using DevKratos;

return await CommandLine.RunAsync(args);
