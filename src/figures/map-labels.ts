/** Which points of a map are labelled, and on which side: labels that would cover another, or leave the frame, are left out. */

/** Where a label stands from its point. */
export const labelSides = ['right', 'left', 'above', 'below'] as const;
export type LabelSide = (typeof labelSides)[number];

export interface Labelled {
  /** Position of the point and width of its label, CSS pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Height of a label and its gap to the point, CSS pixels. */
export const labelHeight = 13;
export const labelGap = 6;
/** Between two labels in a line. */
const between = 4;

function boxOf({ x, y, width }: Labelled, side: LabelSide): Box {
  const half = labelHeight / 2;
  switch (side) {
    case 'right':
      return [x + labelGap, y - half, x + labelGap + width, y + half];
    case 'left':
      return [x - labelGap - width, y - half, x - labelGap, y + half];
    case 'above':
      return [x - width / 2, y - labelGap - labelHeight, x + width / 2, y - labelGap];
    case 'below':
      return [x - width / 2, y + labelGap, x + width / 2, y + labelGap + labelHeight];
    default:
      return side satisfies never;
  }
}

const apart = (one: Box, other: Box, gap = 0): boolean => one[2] + gap <= other[0] || other[2] + gap <= one[0] || one[3] <= other[1] || other[3] <= one[1];

/**
 * Gives each point a side in turn, the first one that is free, first come first served; null for points without room.
 * Where there are few points labels keep clear of the dots, too.
 */
export function placeLabels(points: readonly Labelled[], frame: Box): (LabelSide | null)[] {
  const clear = points.length <= 150;
  const dots = points.map(({ x, y }): Box => [x - 3, y - 3, x + 3, y + 3]);
  const taken: Box[] = [];
  return points.map((point, at) => {
    for (const side of labelSides) {
      const box = boxOf(point, side);
      const inside = box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3];
      if (!inside || !taken.every((other) => apart(box, other, between))) continue;
      if (clear && !dots.every((dot, other) => other === at || apart(box, dot))) continue;
      taken.push(box);
      return side;
    }
    return null;
  });
}
