/** Does something over and over until so many seconds have passed, once at least, and gives what came of it. */
export async function forSeconds<T>(
  seconds: number,
  act: (turn: number) => Promise<T>,
): Promise<readonly T[]> {
  const until = performance.now() + seconds * 1000;
  const results: T[] = [];
  do {
    results.push(await act(results.length));
  } while (performance.now() < until);
  return results;
}
