/** All texts in a value, its keys aside. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** Whether one of the texts is the name, or has it in quotation marks as a script has. More may seem to be named than is. */
function isNamed(name: string, texts: readonly string[]): boolean {
  return texts.some((text) => text === name || text.includes(`"${name}"`))
}

/** Those of the others that the first ones name, and what these name in turn. */
export function findNamed<Item>(
  first: readonly Item[],
  others: readonly Item[],
  {
    nameOf,
    contentOf,
  }: { readonly nameOf: (item: Item) => string | null; readonly contentOf: (item: Item) => unknown },
): readonly Item[] {
  const found = new Set<Item>()
  for (let last = first; last.length > 0; ) {
    const texts = last.flatMap((item) => textsIn(contentOf(item)))
    last = others.filter((item) => {
      const name = nameOf(item)
      return name !== null && !found.has(item) && isNamed(name, texts)
    })
    for (const item of last) found.add(item)
  }
  return others.filter((item) => found.has(item))
}
