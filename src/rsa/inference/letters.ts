/**
 * The compact letter display: letters such that two things share one exactly where they do not differ (Piepho 2004, "An
 * algorithm for a letter-based representation of all-pairwise comparisons", Journal of Computational and Graphical Statistics
 * 13, 456-466: insert and absorb).
 */

/**
 * Letters of `count` things, best first.
 *
 * @param differs whether things a and b differ; asked for every a < b
 * @returns one text per thing, "a", "ab", ...; behind a to z come A to Z, then (53), (54), ...: no symbol is part of another
 */
export function compactLetters(count: number, differs: (a: number, b: number) => boolean): string[] {
  let groups: ReadonlySet<number>[] = [new Set(Array.from({ length: count }, (_, at) => at))];
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      if (!differs(a, b)) continue;
      // Insert: a group that holds both becomes two, one without each. Absorb: a group within another says nothing new.
      groups = absorbed(groups.flatMap((group) => (group.has(a) && group.has(b) ? [without(group, b), without(group, a)] : [group])));
    }
  }
  const ordered = [...groups].sort((x, y) => compareMembers([...x].sort((i, j) => i - j), [...y].sort((i, j) => i - j)));
  return Array.from({ length: count }, (_, at) => ordered.flatMap((group, k) => (group.has(at) ? [letter(k)] : [])).join(''));
}

function without(group: ReadonlySet<number>, gone: number): ReadonlySet<number> {
  return new Set([...group].filter((member) => member !== gone));
}

function absorbed(groups: readonly ReadonlySet<number>[]): ReadonlySet<number>[] {
  return groups.filter((group, k) => !groups.some((other, m) => m !== k && group.isSubsetOf(other) && (other.size > group.size || m < k)));
}

/** By the best member, then the second, ... */
function compareMembers(x: readonly number[], y: readonly number[]): number {
  const at = x.findIndex((member, k) => member !== y[k]);
  return at < 0 ? x.length - y.length : x[at]! - (y[at] ?? -1);
}

function letter(k: number): string {
  return k < 52 ? String.fromCharCode((k < 26 ? 97 : 65) + (k % 26)) : `(${k + 1})`;
}
