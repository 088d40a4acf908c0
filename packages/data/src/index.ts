export * from "./ward/index.ts";
