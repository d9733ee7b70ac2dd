/** The value of a promise; nothing where it takes longer than so many milliseconds. */
export function within(timeout, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, timeout);
    const ends = (settle) => (outcome) => {
      clearTimeout(timer);
      settle(outcome);
    };
    promise.then(ends(resolve), ends(reject));
  });
}
