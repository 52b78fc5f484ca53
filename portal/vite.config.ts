import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** While developing, `REMIT_URL` names a running server for everything that is not the portal's own file. */
const server = process.env.REMIT_URL ?? 'http://localhost:4000';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // inlined data: URLs would need img-src data: in the policy
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': server, '/oidc': server, '/dev': server },
  },
});
