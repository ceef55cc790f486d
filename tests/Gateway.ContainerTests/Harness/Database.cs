using DotNet.Testcontainers.Configurations;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.PostgreSql;

namespace Gateway.ContainerTests.Harness;

/// <summary>PostgreSQL with compose's two databases, made by compose's own script.</summary>
internal sealed class Database(Engine engine, Networks networks)
{
    /// <summary>The password of every role.</summary>
    private const string Password = "only-in-tests";

    /// <summary>The gateway's, from inside the network.</summary>
    public const string ConnectionString = $"Host=postgres;Database=gateway;Username=gateway;Password={Password}";

    /// <summary>Kratos' (its DSN), from inside the network.</summary>
    public const string KratosUrl = $"postgres://kratos:{Password}@postgres:5432/kratos?sslmode=disable";

    public PostgreSqlContainer Container { get; } = new PostgreSqlBuilder(Images.PostgresImage)
        .WithPassword(Password)
        .WithEnvironment("KRATOS_DB_PASSWORD", Password)
        .WithEnvironment("GATEWAY_DB_PASSWORD", Password)
        .WithBindMount(Path.Combine(Images.Root, "deploy/compose/postgres"), "/docker-entrypoint-initdb.d", AccessMode.ReadOnly)
        // Also in the engine's own network, because the builder publishes the port for us.
        .WithCreateParameterModifier(Hardened.PublishOnLoopback)
        .WithStartupCallback((container, _) => engine.ConnectAsync(container, networks.Identity, "postgres"))
        .WithLogger(NullLogger.Instance)
        .Build();
}
