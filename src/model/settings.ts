type Mapping = Readonly<Record<string, unknown>>;

/** Settings with the narrower level's laid over the wider's: mappings key by key, lists and values as a whole. */
export function mergedSettings(wider: Mapping, narrower: Mapping): Mapping {
  const laidOver = Object.entries(narrower).map(([key, value]) => {
    const below = wider[key];
    return [key, isMapping(below) && isMapping(value) ? mergedSettings(below, value) : value];
  });
  return { ...wider, ...Object.fromEntries(laidOver) };
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
