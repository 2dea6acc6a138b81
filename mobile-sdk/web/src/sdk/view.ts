/** Views are compared part by part: parts that are objects are made anew when they differ. */
import type { View } from './types';

export function sameView(a: View, b: View): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof View>;
  return [...names].every((name) => a[name] === b[name]);
}
