import type { FamilyView } from './family-view.ts'

/** Families of the target whose tables refer to this one's. */
export function dependentsOf({ family }: FamilyView, views: readonly FamilyView[]): readonly FamilyView[] {
  return views.filter((view) => view.family.template.siblings.includes(family.name))
}
