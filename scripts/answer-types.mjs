// The types of all that --json prints, from the published schemas: what `wwdb/answers` exports.
import { compile } from 'json-schema-to-typescript'

const head = '// Made by `npm run generate` from the schemas of the answers; a test compares it. Do not edit it.'

/**
 * The types as a text by its path: `StatusAnswer` for the kind `status`, `RunLine` for a line of a run, and what these are made of.
 * @param schemas the published schemas, texts by file name
 */
export async function answerTypes(schemas) {
  const types = {}
  const answers = []
  for (const [file, text] of schemas) {
    const kind = /^(.*)-result\.schema\.json$/.exec(file)?.[1]
    if (kind === undefined && file !== 'run-line.schema.json') continue
    const { $defs = {}, $schema: _, title: __, ...whole } = JSON.parse(text)
    for (const [name, type] of Object.entries({ ...$defs, [kind === undefined ? 'RunLine' : nameOf(kind)]: whole })) {
      if (types[name] !== undefined && JSON.stringify(types[name]) !== JSON.stringify(type))
        throw new Error(`${file}: there are two types ${name}`)
      types[name] = type
    }
    if (kind !== undefined) answers.push({ $ref: `#/$defs/${nameOf(kind)}` })
  }
  // Each answer has a name of its own; the union that lists them again would double the text.
  types.ResultDocument = { description: types.ResultDocument.description, anyOf: answers }
  const schema = JSON.parse(JSON.stringify({ title: 'Everything', type: 'object', $defs: types }), wrapReference)
  const text = await compile(schema, 'Everything', {
    additionalProperties: false,
    bannerComment: head,
    unreachableDefinitions: true,
    style: { semi: false, singleQuote: true, printWidth: 120 },
  })
  return new Map([['src/library/answers.generated.ts', tidy(text)]])
}

/** What a member says beside its type is the member's own: taken as the type's, it would make a second type of another name. */
function wrapReference(_key, value) {
  if (typeof value?.$ref !== 'string' || value.description === undefined) return value
  const { description, ...reference } = value
  return { description, allOf: [reference] }
}

/** `shard-list` as `ShardListAnswer`. */
function nameOf(kind) {
  return `${kind.replace(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase())}Answer`
}

/** Without what the generator says of itself, and without the type that only held the others together. */
function tidy(text) {
  return text
    .replaceAll(
      /\n? \*\n \* This interface was referenced by `Everything`'s JSON-Schema\n \* via the `definition` "\w+"\./g,
      '',
    )
    .replaceAll(
      /\/\*\*\n \* This interface was referenced by `Everything`'s JSON-Schema\n \* via the `definition` "\w+"\.\n \*\/\n/g,
      '',
    )
    .replace(/export interface Everything \{\}\n/, '')
}
