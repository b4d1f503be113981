import * as z from 'zod/mini'

/** The allowed names of a logical database, a shard family and an environment; a WWDB_ variable can also spell them. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_]*$/

/** What is wrong with a text. `why` is the end of a sentence: `is "5", a number without a unit`. */
export type Objection = { readonly why: string; readonly next: string } | null

/** Adds the sentence that an editor shows for the key. */
export function described<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

/** A text in which `find` finds no fault. */
export function checkedText(find: (text: string) => Objection) {
  return z.string().check(
    z.check<string>((payload) => {
      const fault = find(payload.value)
      if (fault === null) return
      payload.issues.push({ code: 'custom', input: payload.value, message: fault.why, params: { next: fault.next } })
    }),
  )
}

/** The same fault, with the text in front. */
export function quoteWhy(text: string, objection: Objection): Objection {
  return objection === null ? null : { why: `is ${JSON.stringify(text)}, ${objection.why}`, next: objection.next }
}
