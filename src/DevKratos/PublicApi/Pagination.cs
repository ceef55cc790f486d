using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace DevKratos.PublicApi;

/// <summary>Kratos' older page-by-number lists, with their <c>Link</c> and <c>X-Total-Count</c> headers.</summary>
internal static class Pagination
{
    public static IReadOnlyList<T> Page<T>(HttpContext context, string path, IReadOnlyList<T> all)
    {
        var query = context.Request.Query;
        var size = Number(query["per_page"]) ?? Number(query["page_size"]) ?? 250;
        if (size < 1)
            size = 250;
        var page = Number(query["page"]) ?? 0;
        if (size > all.Count)
            size = all.Count;
        var last = size == 0 ? 0 : (all.Count - 1) / size;

        List<string> links = [];
        if (page > 0 || last == 0)
            links.Add(Link(0, "first"));
        if (page < last)
            links.Add(Link(page + 1, "next"));
        if (page > 0)
            links.Add(Link(page - 1, "prev"));
        if (page < last)
            links.Add(Link(last, "last"));
        context.Response.Headers.Link = string.Join(',', links);
        context.Response.Headers["X-Total-Count"] = all.Count.ToString(CultureInfo.InvariantCulture);
        return [.. all.Skip(Math.Min(page, last + 1) * size).Take(size)];

        string Link(int number, string relation)
        {
            var offset = string.Create(CultureInfo.InvariantCulture, $"{{\"offset\":\"{number * Math.Max(size, 1)}\",\"v\":2}}");
            var token = Base64Url.EncodeToString(Encoding.ASCII.GetBytes(offset));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"<{path}?page={number}&page_size={size}&page_token={token}&per_page={size}>; rel=\"{relation}\"");
        }
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
