// The model against what is known of such queues: node --test bench/replay-model.test.mjs

import assert from "node:assert/strict";
import { test } from "node:test";
import { fewestShards, meanWait, MOST_WAIT, simulate } from "./replay-model.mjs";

const within = (share, actual, expected) =>
  assert.ok(Math.abs(actual - expected) <= share * expected, `${actual} is not within ${share} of ${expected}`);

for (const busy of [0.5, 0.8]) {
  for (const shards of [1, 8]) {
    test(`the_mean_wait_is_that_of_m_d_1_at_${100 * busy}_percent_on_${shards}_shards`, () => {
      const queue = { rate: 1000 * shards * busy, shards, service: 0.001 };
      const { mean, refused, utilisation } = simulate(queue);
      within(0.04, mean, meanWait(queue));
      within(1e-9, utilisation, busy);
      assert.equal(refused, 0);
    });
  }
}

test("the_wait_of_m_d_1_is_as_in_the_books", () => {
  // Half the service time over twice one minus the load.
  within(1e-9, meanWait({ rate: 500, shards: 1, service: 0.001 }), 0.0005);
  within(1e-9, meanWait({ rate: 800, shards: 1, service: 0.001 }), 0.002);
  assert.equal(meanWait({ rate: 1000, shards: 1, service: 0.001 }), Infinity);
});

for (const load of [1.25, 2]) {
  test(`a_shard_at_${100 * load}_percent_refuses_about_the_excess`, () => {
    const { refused, p999 } = simulate({ rate: 1000 * load, shards: 1, service: 0.001 });
    within(0.03, refused, 1 - 1 / load);
    assert.ok(p999 <= MOST_WAIT);
  });
}

test("it_refuses_more_where_the_late_ones_are_served_all_the_same", () => {
  const queue = { rate: 1250, shards: 1, service: 0.001 };
  assert.ok(simulate({ ...queue, late: "served" }).refused > 2 * simulate(queue).refused);
});

test("the_same_seed_gives_the_same_figures", () => {
  const queue = { rate: 5000, shards: 8, service: 0.001, arrivals: 50_000 };
  assert.deepEqual(simulate(queue), simulate(queue));
  assert.notDeepEqual(simulate(queue), simulate({ ...queue, seed: 2 }));
});

test("the_fewest_shards_are_busy_less_than_60_percent", () => {
  for (const [rate, service] of [[1000, 0.001], [100_000, 0.001], [1000, 0.0003], [600, 0.001]]) {
    const shards = fewestShards(rate, service);
    assert.ok((rate * service) / shards < 0.6);
    assert.ok(shards === 1 || (rate * service) / (shards - 1) >= 0.6 - 1e-9);
  }
});
