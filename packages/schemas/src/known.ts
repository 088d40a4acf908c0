/**
 * Records are read with loose objects, so that unknown keys survive; zod then infers `[key: string]: unknown` on each of them,
 * which would let a mistyped key pass the compiler. `Known` takes that index signature away, at every depth, from objects that
 * have named keys. Pure dictionaries (`{[name]: value}`) keep theirs.
 */
export type Known<T> = T extends string | number | boolean | bigint | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Known<Item>[]
    : T extends object
      ? KnownObject<T>
      : T;

type NamedKeys<T> = keyof { [Key in keyof T as string extends Key ? never : Key]: 0 };

type KnownObject<T extends object> = [NamedKeys<T>] extends [never]
  ? { [Key in keyof T]: Known<T[Key]> }
  : { [Key in keyof T as string extends Key ? never : Key]: Known<T[Key]> };
