// A stream of bytes read into one buffer: a chunk of a byte costs a byte, however many there are.

// Bytes of the buffer at first; it is full before it grows.
const FIRST_BUFFER = 16 << 10;

/** Up to `most` bytes of what such a reader gives: one of Workers' streams, which fills a buffer it is lent. */
export async function fill(reader, most) {
  let bytes = new Uint8Array(Math.min(FIRST_BUFFER, most));
  let length = 0;
  for (;;) {
    const wanted = bytes.length - length;
    // The runtime takes the buffer away and gives it back with the view.
    const { value, done } = await reader.readAtLeast(wanted, bytes.subarray(length));
    bytes = new Uint8Array(value.buffer);
    length += value.length;
    if (done || value.length < wanted || length === most) return bytes.subarray(0, length);
    bytes = grown(bytes, Math.min(2 * length, most));
  }
}

/** The same of any other stream, which gives what it has; it may be a little more than `most`. */
export async function collect(reader, most) {
  let bytes = new Uint8Array(Math.min(FIRST_BUFFER, most));
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const end = length + read.value.length;
    if (end > bytes.length) bytes = grown(bytes, Math.max(end, 2 * bytes.length));
    bytes.set(read.value, length);
    length = end;
    if (length >= most) break;
  }
  return bytes.subarray(0, length);
}

function grown(bytes, length) {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
