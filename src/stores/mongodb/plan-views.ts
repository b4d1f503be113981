import { ToolError } from '../../core/tool-error.ts'
import { findAdditions, judgeAdditions } from '../find-additions.ts'
import type { StoreDifference } from '../store-plan.ts'
import { compareCollations, compareDocuments } from './compare.ts'
import { type Declaration, isJsonObject, type Json, type ViewDeclaration } from './declaration.ts'
import type { MongodbChange } from './plan-set.ts'
import type { Catalog, ObservedCollection } from './ports.ts'

export function eachView({
  databases,
}: Declaration): readonly { readonly database: string; readonly view: ViewDeclaration }[] {
  return databases.flatMap(({ name, views }) => views.map((view) => ({ database: name, view })))
}

/** A view has no documents: what it reads and how changes without a rebuild. @throws ToolError MONGODB_UNCHANGEABLE. */
export function planViews(declaration: Declaration, { collections }: Catalog): readonly MongodbChange[] {
  return eachView(declaration).flatMap(({ database, view }): readonly MongodbChange[] => {
    const observed = collections.find((found) => found.database === database && found.name === view.name) ?? null
    if (observed !== null) refuseUnchangeable(database, view, observed)
    const differences = observed === null ? [] : viewDifferences(view, observed)
    if (observed !== null && differences.length === 0) return []
    const name = `${database}.${view.name}`
    return [
      {
        operation: { type: 'write-view', database, view },
        change: {
          resource: { kind: 'view', name },
          action: observed === null ? 'create' : 'update',
          summary: observed === null ? `create view ${name} on ${view.on}` : `alter view ${name}`,
          differences,
          // What a stage hides is shown without it.
          loss: judgeAdditions(
            findAdditions(view.pipeline, observed?.options['pipeline'], 'pipeline', { asDocuments: true }),
          ),
        },
      },
    ]
  })
}

function viewDifferences(
  { on, pipeline }: ViewDeclaration,
  { options }: ObservedCollection,
): readonly StoreDifference[] {
  const current = options['pipeline'] ?? []
  const same = orderedText(current) === orderedText(pipeline)
  return [
    ...compareDocuments('on', options['viewOn'], on),
    ...(same ? [] : [{ path: 'pipeline', actual: shorten(current), declared: shorten(pipeline) }]),
  ]
}

/** The order of keys matters in a stage (`$sort`); a date is the same time however it is written. */
function orderedText(value: Json): string {
  return JSON.stringify(value, (_, part: Json) => {
    const date = isJsonObject(part) && Object.keys(part).length === 1 ? part['$date'] : undefined
    const time = typeof date === 'string' ? Date.parse(date) : Number.NaN
    return Number.isNaN(time) ? part : { $date: time }
  })
}

function shorten(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

function refuseUnchangeable(database: string, view: ViewDeclaration, observed: ObservedCollection): void {
  const name = `${database}.${view.name}`
  const what = `\`${name}\` exists and cannot be changed to match its declaration.`
  if (observed.type !== 'view') {
    const next = 'Give the view another name, or rename the collection.'
    throw new ToolError('MONGODB_UNCHANGEABLE', { what, why: 'It is a collection, not a view.', next })
  }
  const collation = observed.options['collation']
  const [difference] = compareCollations(isJsonObject(collation) ? collation : null, view.collation)
  if (difference === undefined) return
  const drop = `db.getSiblingDB(${JSON.stringify(database)}).getCollection(${JSON.stringify(view.name)}).drop()`
  throw new ToolError('MONGODB_UNCHANGEABLE', {
    what,
    why: `Its \`${difference.path}\` is ${difference.actual ?? 'not set'}, but ${difference.declared ?? 'none'} is declared.`,
    next: `A view has no documents of its own: drop it with \`${drop}\`, and run \`wwdb setup apply\` again, or correct the declaration.`,
  })
}
