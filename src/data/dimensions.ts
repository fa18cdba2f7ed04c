/**
 * The eleven sensorimotor dimensions of the Lancaster norms, the names other tables give them, and the sets that the
 * study reports (arXiv:2603.03313): Motor (5), Sensory (6), All (11).
 */

export const dimensionIds = [
  'Auditory', 'Gustatory', 'Haptic', 'Interoceptive', 'Olfactory', 'Visual', 'Foot_leg', 'Hand_arm', 'Head', 'Mouth', 'Torso',
] as const;

export type DimensionId = (typeof dimensionIds)[number];

/** Dimensions whose ratings are one vector: a set of the study, or a single dimension. */
export type DimensionSet = 'motor' | 'sensory' | 'all' | DimensionId;

/** In the order of the form. */
export const dimensionSets = ['motor', 'sensory', 'all', ...dimensionIds] as const satisfies readonly DimensionSet[];

/** One dimension: how it is called here, in tables, and for the reader. */
export interface Dimension {
  /** Lancaster column stem; our id everywhere. */
  readonly id: string;
  readonly set: 'motor' | 'sensory';
  readonly label: string;
  /** Other names in lower case: short English names, the Dutch norms' column names. */
  readonly aliases: readonly string[];
}

export const dimensions: readonly Dimension[] = [
  { id: 'Auditory', set: 'sensory', label: 'auditory', aliases: ['horen', 'hearing'] },
  { id: 'Gustatory', set: 'sensory', label: 'gustatory', aliases: ['proeven', 'taste'] },
  { id: 'Haptic', set: 'sensory', label: 'haptic', aliases: ['voelen', 'touch'] },
  { id: 'Interoceptive', set: 'sensory', label: 'interoceptive', aliases: ['sensaties', 'sensation'] },
  { id: 'Olfactory', set: 'sensory', label: 'olfactory', aliases: ['ruiken', 'smell'] },
  { id: 'Visual', set: 'sensory', label: 'visual', aliases: ['zien', 'sight'] },
  { id: 'Foot_leg', set: 'motor', label: 'foot/leg', aliases: ['foot', 'leg', 'foot/leg'] },
  { id: 'Hand_arm', set: 'motor', label: 'hand/arm', aliases: ['hand', 'arm', 'hand/arm'] },
  { id: 'Head', set: 'motor', label: 'head', aliases: [] },
  { id: 'Mouth', set: 'motor', label: 'mouth', aliases: ['mouth/throat'] },
  { id: 'Torso', set: 'motor', label: 'torso', aliases: [] },
];

const byName = new Map<string, Dimension>(
  dimensions.flatMap((dimension) =>
    [dimension.id.toLowerCase(), ...dimension.aliases].map((name): [string, Dimension] => [name, dimension]),
  ),
);

/** The dimension a table means by a name, whatever its case or language; undefined for anything else. */
export function dimensionNamed(name: string): Dimension | undefined {
  return byName.get(name.trim().toLowerCase());
}

/** The set that a reader means by a name, whatever its case; a dimension also by its other names. Undefined for anything else. */
export function dimensionSetNamed(name: string): DimensionSet | undefined {
  const typed = name.trim().toLowerCase();
  return dimensionSets.find((set) => set.toLowerCase() === typed || set === dimensionNamed(typed)?.id);
}

/** Whether a dimension id belongs to a set, or is the set. Names outside the eleven belong to 'all' only. */
export function inSet(id: string, set: DimensionSet): boolean {
  const dimension = dimensionNamed(id);
  return set === 'all' || dimension?.set === set || dimension?.id === set;
}

/** The label a reader sees for a dimension id. */
export function dimensionLabel(id: string): string {
  return dimensionNamed(id)?.label ?? id;
}

/** A set at the start of a message: "All dimensions", "Motor dimensions"; a single dimension by its own label, "Foot/leg". */
export function setTitle(set: string): string {
  const label = dimensionLabel(set);
  const title = `${label[0]!.toUpperCase()}${label.slice(1)}`;
  return dimensionNamed(set) ? title : `${title} dimensions`;
}
