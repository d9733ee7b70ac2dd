// The origin that all competitors stand in front of. It reads the body: a runtime drops the
// connection to one that does not.

export default {
  async fetch(request) {
    await request.arrayBuffer();
    return new Response("ok");
  },
};
