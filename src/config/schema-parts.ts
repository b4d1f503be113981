import * as z from 'zod/mini'

/** How a logical database, a shard family and an environment may be called; also what a WWDB_ variable can spell. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_]*$/

/** What is said against a text. `why` is the end of a sentence: `is "5", a number without a unit`. */
export type Objection = { readonly why: string; readonly next: string } | null

/** Adds the sentence that an editor shows when the key is pointed at. */
export function described<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

/** A text that `find` has nothing to say against. */
export function checkedText(find: (text: string) => Objection) {
  return z.string().check(
    z.check<string>((payload) => {
      const fault = find(payload.value)
      if (fault === null) return
      payload.issues.push({ code: 'custom', input: payload.value, message: fault.why, params: { next: fault.next } })
    }),
  )
}

/** The same objection, with the text it is about in front. */
export function quoteWhy(text: string, objection: Objection): Objection {
  return objection === null ? null : { why: `is ${JSON.stringify(text)}, ${objection.why}`, next: objection.next }
}
