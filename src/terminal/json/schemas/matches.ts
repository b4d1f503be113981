import type { z } from 'zod'

/** A type with every property and list readonly and every intersection made one, so that two of them can be compared. */
type Plain<Value> = Value extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Plain<Value[Key]> }
    : Value

type Same<One, Other> =
  (<Probe>() => Probe extends One ? 1 : 2) extends <Probe>() => Probe extends Other ? 1 : 2 ? true : false

/**
 * True when a schema describes exactly a type: no field more, none less, none of another type. It is used as
 * `true satisfies Matches<typeof schema, Type>`, so that a schema that was left behind does not compile.
 */
export type Matches<Schema extends z.ZodType, Type> = Same<Plain<z.infer<Schema>>, Plain<Type>>
