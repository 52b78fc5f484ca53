// Generated from src/*/operations by `npm run generate`; a test holds them together.
/** How each operation is called, below `/api`. */
export const routes = {
} as const;
