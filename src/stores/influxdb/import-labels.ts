import { type StoreContents, toItem } from '../import-items.ts'
import { labeledKinds } from './labels.ts'
import { resourcesOf } from './plan-labels.ts'
import type { ObservedContent } from './ports.ts'

/** Labels, with what has them. */
export function importLabels(content: ObservedContent): Omit<StoreContents, 'version'> {
  const items = content.labels.map(({ id, name, color, description }) => {
    const places = labeledKinds.flatMap((kind) => {
      const names = resourcesOf(content, kind).flatMap((one) => (one.labels.includes(id) ? [one.name] : []))
      return names.length === 0 ? [] : [[kind, [...new Set(names)].toSorted()] as const]
    })
    return toItem({ kind: 'label', name }, 'labels', ['labels', name], {
      ...(color === '' ? {} : { color }),
      ...(description === '' ? {} : { description }),
      ...Object.fromEntries(places),
    })
  })
  return { items, notDeclarable: [] }
}
