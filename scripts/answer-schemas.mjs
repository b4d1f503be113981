// JSON Schemas of all that --json prints, from their TypeScript types: doc comments become descriptions.
import { createRequire } from 'node:module'
import {
  createFormatter,
  createParser,
  createProgram,
  DEFAULT_CONFIG,
  EnumType,
  SchemaGenerator,
  UnionType,
} from 'ts-json-schema-generator'

/** The generator brings its own TypeScript: its program must be read with that one. */
const require = createRequire(import.meta.url)
const ts = createRequire(require.resolve('ts-json-schema-generator'))('typescript')

/** Each published file that is not the answer of one kind: its type and its title. */
const files = {
  'answer.schema.json': ['Answer', 'What any wwdb command prints last with --json'],
  'run-line.schema.json': ['RunLine', 'A line of a wwdb run with --json'],
  'error.schema.json': ['ErrorDocument', 'The error of any wwdb command with --json'],
  'plan.schema.json': ['PlanFile', 'The file that wwdb plan --out writes'],
  'hook.schema.json': ['HookDocument', 'What a hook of wwdb reads from its stdin'],
  'snapshot.schema.json': ['SchemaDump', 'What wwdb schema dump --as json prints'],
}

/** What can be a fraction: times, and what the server estimates. Every other number is a count, a place or a code. */
const fractions = /^(?:.*seconds|elapsed|headroom|value|needed)$/i

/** The published schemas (draft 2020-12) as texts, by file name. Readers ignore fields that they do not know, so these allow more. */
export function answerSchemas(root) {
  const config = {
    ...DEFAULT_CONFIG,
    // Capabilities add their answers in views, and their events in files of that name.
    path: `${root}/src/{terminal/json/wire,migrations/plan-file,schema/schema-dump,hooks/documents,**/*-view,*/events}.ts`,
    tsconfig: `${root}/tsconfig.json`,
    type: 'RunLine',
    expose: 'export',
    topRef: false,
    skipTypeCheck: true,
    additionalProperties: true,
    encodeRefs: false,
    sortProps: false,
  }
  const program = createProgram(config)
  const parser = createParser(program, config, (chain) =>
    chain
      .addNodeParser(literalsOf(program.getTypeChecker()))
      .addNodeParser(membersOf(program.getTypeChecker(), chain))
      .addNodeParser(memberOf(program.getTypeChecker(), chain)),
  )
  const generator = new SchemaGenerator(program, parser, createFormatter(config), config)
  const read = (type) => tidy(generator.createSchema(type))
  const texts = new Map(Object.entries(files).map(([file, [type, title]]) => [file, print(title, read(type))]))
  for (const { kind, schema } of kindsOf(read('ResultDocument')))
    texts.set(`${kind}-result.schema.json`, print(`The answer of a wwdb command, kind ${kind}`, schema))
  return texts
}

/** Reads `keyof typeof table` and `typeof constant` by their literals: the generator looks into the values and knows few kinds of them. */
function literalsOf(checker) {
  const values = (node) => {
    const type = checker.getTypeFromTypeNode(node)
    const parts = type.isUnion() ? type.types : [type]
    return parts.every((part) => part.isStringLiteral() || part.isNumberLiteral())
      ? // The compiler has them in the order in which it met them anywhere.
        parts.map(({ value }) => value).toSorted((one, other) => (one < other ? -1 : 1))
      : null
  }
  return {
    supportsNode: (node) =>
      (ts.isTypeOperatorNode(node) || ts.isTypeQueryNode(node) || ts.isIndexedAccessTypeNode(node)) &&
      values(node) !== null,
    createType: (node) => new EnumType(`literals-${node.getSourceFile().fileName}-${node.pos}`, values(node)),
  }
}

/** Reads `Open[keyof Open]` of an interface that several files add members to: the generator knows one declaration of an interface. */
function membersOf(checker, chain) {
  const declarations = (node) => {
    if (!ts.isIndexedAccessTypeNode(node) || !ts.isTypeOperatorNode(node.indexType)) return []
    if (node.indexType.type.getText() !== node.objectType.getText()) return []
    return checker.getTypeAtLocation(node.objectType).symbol?.declarations?.filter(ts.isInterfaceDeclaration) ?? []
  }
  const name = (member) => member.type.getText()
  return {
    supportsNode: (node) => declarations(node).length > 1,
    createType: (node, context) => {
      const members = declarations(node).flatMap((one) => [...one.members])
      const sorted = members.toSorted((one, other) => (name(one) < name(other) ? -1 : 1))
      return new UnionType(sorted.map((member) => chain.createType(member.type, context)))
    },
  }
}

/** Reads `Open['name']` of such an interface. */
function memberOf(checker, chain) {
  const find = (node) => {
    if (!ts.isIndexedAccessTypeNode(node) || !ts.isLiteralTypeNode(node.indexType)) return undefined
    const declared = checker.getTypeAtLocation(node.objectType).symbol?.declarations?.filter(ts.isInterfaceDeclaration)
    if (declared === undefined || declared.length < 2) return undefined
    const members = declared.flatMap((one) => [...one.members])
    return members.find((member) => member.name.getText() === node.indexType.literal.text)
  }
  return {
    supportsNode: (node) => find(node) !== undefined,
    createType: (node, context) => chain.createType(find(node).type, context),
  }
}

/** The members of the union of answers, each with the definitions that it needs. */
function kindsOf({ anyOf, definitions }) {
  return anyOf.map((member) => ({ kind: member.properties.kind.const, schema: { ...member, definitions } }))
}

/** A line for each definition: a change shows which, and the package carries no megabyte of blanks. */
function print(title, { $schema: _, definitions = {}, ...schema }) {
  const { $defs, ...head } = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    ...schema,
    $defs: needed(schema, definitions),
  }
  const lines = ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`
  const own = JSON.stringify(head, null, 2).slice(0, -2)
  const text = `${own},\n  "$defs": {\n${Object.entries($defs).map(lines).join(',\n')}\n  }\n}`
  return `${text.replaceAll('"#/definitions/', '"#/$defs/')}\n`
}

/** The definitions that a schema refers to, directly or through others. */
function needed(schema, definitions) {
  const names = new Set()
  const visit = (value) => {
    for (const [, name] of JSON.stringify(value).matchAll(/"#\/definitions\/([^"]+)"/g)) {
      if (names.has(name)) continue
      names.add(name)
      visit(definitions[name])
    }
  }
  visit(schema)
  return Object.fromEntries([...names].sort().map((name) => [name, definitions[name]]))
}

/** Counts become integers, fields that must be there are listed in their order, and an error code of a later version is allowed. */
function tidy(schema) {
  const definitions = Object.fromEntries(
    Object.entries(schema.definitions ?? {}).map(([name, one]) => [
      name,
      name === 'ErrorCode' ? anyCode(one) : walk(one, ''),
    ]),
  )
  return { ...walk({ ...schema, definitions: undefined }, ''), definitions }
}

function anyCode({ description = 'A stable word in capitals.' }) {
  return { type: 'string', description }
}

function walk(node, name) {
  if (Array.isArray(node)) return node.map((item) => walk(item, name))
  if (typeof node !== 'object' || node === null) return node
  const { properties, required, ...others } = node
  const result = Object.fromEntries(
    Object.entries(others).map(([key, value]) => [
      key,
      /^(?:anyOf|items|additionalProperties)$/.test(key) ? walk(value, name) : value,
    ]),
  )
  if (properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, walk(value, key)]))
    result.required = Object.keys(properties).filter((key) => required?.includes(key))
  }
  if (fractions.test(name) || node.enum !== undefined || node.const !== undefined) return result
  if (node.type === 'number') result.type = 'integer'
  else if (Array.isArray(node.type) && node.type.includes('number'))
    result.type = node.type.map((type) => (type === 'number' ? 'integer' : type))
  else return result
  return { ...result, minimum: /^(?:line|column)$/.test(name) ? 1 : 0 }
}
