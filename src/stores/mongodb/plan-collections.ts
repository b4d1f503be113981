import { groupDigits } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { findAdditions, withAdditions } from '../find-additions.ts'
import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { compareCollations, compareDocuments, sameDocument } from './compare.ts'
import type { CollectionDeclaration, Declaration, ValidatorDeclaration } from './declaration.ts'
import { type Counts, questionKey } from './index-losses.ts'
import { indexQuestions, planIndexes } from './plan-indexes.ts'
import { describeKind, findFixed, kindQuestions, planKinds } from './plan-kinds.ts'
import type { MongodbChange } from './plan-set.ts'
import type { Catalog, CountQuestion, ObservedCollection } from './ports.ts'

/** Everything that must be counted before a plan can say what it removes. */
export function catalogQuestions(declaration: Declaration, catalog: Catalog): readonly CountQuestion[] {
  return eachCollection(declaration).flatMap(({ database, collection }) => {
    const observed = findCollection(catalog, database, collection.name)
    const violations = violationQuestion(database, collection, observed)
    return [
      ...(violations === null ? [] : [violations]),
      ...indexQuestions(database, collection, observed),
      ...kindQuestions(database, collection, observed),
    ]
  })
}

/** @throws ToolError MONGODB_UNCHANGEABLE for what only a new collection could have, MONGODB_DUPLICATES. */
export function planCollections(declaration: Declaration, catalog: Catalog, counts: Counts): readonly MongodbChange[] {
  return eachCollection(declaration).flatMap(({ database, collection }) => {
    const observed = findCollection(catalog, database, collection.name)
    if (observed !== null) refuseUnchangeable(database, collection, observed)
    return [
      ...(observed === null
        ? [planCreation(database, collection)]
        : [
            ...planValidator(database, collection, observed, counts),
            ...planKinds(database, collection, observed, counts),
          ]),
      ...planIndexes(database, collection, observed, counts),
    ]
  })
}

export function eachCollection(
  declaration: Declaration,
): readonly { readonly database: string; readonly collection: CollectionDeclaration }[] {
  return declaration.databases.flatMap(({ name, collections }) =>
    collections.map((collection) => ({ database: name, collection })),
  )
}

export function findCollection(catalog: Catalog, database: string, name: string): ObservedCollection | null {
  return catalog.collections.find((found) => found.database === database && found.name === name) ?? null
}

function planCreation(database: string, collection: CollectionDeclaration): MongodbChange {
  const rule = collection.validator === null ? 'without a validator' : 'with its validator'
  return {
    operation: { type: 'create-collection', database, collection },
    change: {
      resource: { kind: 'collection', name: `${database}.${collection.name}` },
      action: 'create',
      summary: `create ${describeKind(collection, `${database}.${collection.name}`)}${collection.timeSeries === null ? ` ${rule}` : ''}`,
      differences: [],
      loss: null,
    },
  }
}

function planValidator(
  database: string,
  collection: CollectionDeclaration,
  observed: ObservedCollection,
  counts: Counts,
): readonly MongodbChange[] {
  const differences = validatorDifferences(collection.validator, observed)
  if (differences.length === 0) return []
  const name = `${database}.${collection.name}`
  const question = violationQuestion(database, collection, observed)
  const violations = question === null ? 0 : (counts.get(questionKey(question)) ?? 0)
  const verb = collection.validator === null ? 'remove the validator of' : 'set the validator of'
  return [
    {
      operation: { type: 'set-validator', database, collection: collection.name, validator: collection.validator },
      change: {
        resource: { kind: 'validator', name },
        action: observed.validator === null ? 'create' : collection.validator === null ? 'remove' : 'update',
        summary: `${verb} ${name}${violations > 0 ? `, which ${groupDigits(violations)} documents violate` : ''}`,
        differences,
        loss: withAdditions(
          violationLoss(name, collection.validator, violations, observed.documents),
          // A validator has no place for a mark: nobody can say who wrote a rule.
          findAdditions(schemaOf(collection.validator), observed.validator?.rule, 'validator', { asDocuments: true }),
        ),
      },
    },
  ]
}

function validatorDifferences(
  declared: ValidatorDeclaration | null,
  { validator }: ObservedCollection,
): readonly StoreDifference[] {
  if (declared === null) return compareDocuments('validator', validator?.rule, undefined)
  if (validator === null) return [{ path: 'validator', actual: null, declared: 'as declared' }]
  return [
    ...compareDocuments('validator', validator.rule, { $jsonSchema: declared.schema }),
    ...compareDocuments('validationLevel', validator.level, declared.level),
    ...compareDocuments('validationAction', validator.action, declared.action),
  ]
}

function schemaOf(validator: ValidatorDeclaration | null) {
  return validator === null ? {} : { $jsonSchema: validator.schema }
}

/** Null where nothing becomes stricter, or nothing exists that could violate it. */
function violationQuestion(
  database: string,
  { name, validator }: CollectionDeclaration,
  observed: ObservedCollection | null,
): CountQuestion | null {
  if (observed === null || validator === null || observed.documents === 0) return null
  const current = observed.validator
  const sameRule = current !== null && sameDocument(current.rule, { $jsonSchema: validator.schema })
  const stricter = current?.level !== validator.level || current.action !== validator.action
  if (sameRule && !(stricter && refusesChanges(validator))) return null
  return { type: 'violations', database, collection: name, validator }
}

/** With these two, a document that is invalid now can only be changed into a valid one. */
function refusesChanges({ level, action }: ValidatorDeclaration): boolean {
  return level === 'strict' && action === 'error'
}

function violationLoss(
  name: string,
  validator: ValidatorDeclaration | null,
  violations: number,
  documents: number,
): StoreLoss | null {
  if (validator === null || violations === 0 || !refusesChanges(validator)) return null
  return {
    code: 'invalid-documents',
    why: 'They stay, but every update that leaves them invalid is refused. With `level: moderate` it is accepted.',
    affected: [`${name} (${groupDigits(violations)} of ${groupDigits(documents)} documents)`],
  }
}

function refuseUnchangeable(database: string, collection: CollectionDeclaration, observed: ObservedCollection): void {
  const name = `${database}.${collection.name}`
  const collation = observed.options['collation']
  const actual = typeof collation === 'object' && collation !== null && !Array.isArray(collation) ? collation : null
  const [difference] = compareCollations(actual as Parameters<typeof compareCollations>[0], collection.collation)
  const fixed =
    findFixed(database, collection, observed) ??
    (difference === undefined
      ? null
      : {
          why: `Its \`${difference.path}\` is ${difference.actual ?? 'not set'}, but ${difference.declared ?? 'none'} is declared.`,
        })
  if (fixed === null) return
  throw new ToolError('MONGODB_UNCHANGEABLE', {
    what: `\`${name}\` exists and cannot be changed to match its declaration.`,
    next: 'MongoDB fixes this when a collection is created. Copy its documents into a new collection, or correct the declaration.',
    ...fixed,
  })
}
