-- For wrk: sends the requests of the file LOAD in turn, and reports as one line of JSON.

local load = dofile(os.getenv("LOAD"))
local file = io.open(load.body, "rb")
local body = file:read("*a")
file:close()

wrk.method = "POST"
wrk.body = body
wrk.headers = load.requests[1]

-- With one request wrk itself repeats it; more are taken from here.
if #load.requests > 1 then
  local messages = {}
  local sent = 0

  function init()
    for i, headers in ipairs(load.requests) do
      headers["Host"] = wrk.headers["Host"]
      messages[i] = wrk.format("POST", nil, headers, body)
    end
  end

  function request()
    sent = sent + 1
    return messages[sent % #messages + 1]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)
  ))
end
