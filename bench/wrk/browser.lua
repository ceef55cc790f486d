-- The requests of a browser: 12 headers, one of 100 sessions each. Arguments: METHOD, body size in bytes, number of sessions, paths (0: the URL's own,
-- else the number of generated routes to spread the requests over).
local requests, next_request, errors = {}, 0, 0

local function cookie(n)
    -- As long as one of Kratos' own session cookies.
    local value = "u" .. n .. "-" .. string.rep("MTc5NTI4NzIwMXxmQXhGXzJJLWU4VldBdndNS0l3", 9)
    return "theme=dark; csrf_token_0a1b2c=S0FuQmVoaWw4c1h6; ory_kratos_session=" .. string.sub(value, 1, 334) .. "="
end

function headers(n)
    return {
        ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        ["Accept"] = "application/json, text/plain, */*",
        ["Accept-Language"] = "en-GB,en;q=0.8,de;q=0.5",
        ["Accept-Encoding"] = "gzip, deflate, br, zstd",
        ["Referer"] = "https://app.example.org/dashboard?tab=orders",
        ["Sec-Fetch-Dest"] = "empty",
        ["Sec-Fetch-Mode"] = "cors",
        ["Sec-Fetch-Site"] = "same-origin",
        ["Priority"] = "u=4",
        ["DNT"] = "1",
        ["Cookie"] = cookie(n),
    }
end

function init(args)
    local method, size = args[1] or "GET", tonumber(args[2] or 0)
    local sessions, paths = tonumber(args[3] or 100), tonumber(args[4] or 0)
    local body = size > 0 and string.rep("0123456789abcdef", size / 16) or nil
    for i = 1, (size > 0 and math.min(sessions, 20) or sessions) do
        local h = headers(i)
        if body then h["Content-Type"] = "application/octet-stream" end
        local path = nil
        if paths > 0 then path = string.format("/r/%04d/json", 1 + math.floor((i - 1) * paths / sessions)) end
        requests[i] = wrk.format(method, path, h, body)
    end
end

function request()
    next_request = next_request % #requests + 1
    return requests[next_request]
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        'BENCH {"requests":%d,"duration_us":%d,"bytes":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), latency.max,
        e.connect, e.read, e.write, e.status, e.timeout))
end
