// Refuses everything at once: the ceiling for a request that is refused by its head.

export default {
  fetch() {
    return new Response("Unauthorized", { status: 401 });
  },
};
