import { type CSSVariablesResolver, createTheme } from '@mantine/core';

/** Mantine's own defaults fail WCAG contrast; shade 8 and the darker greys below pass in light and dark. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  respectReducedMotion: true,
  // where black and white letters are told apart equally well
  luminanceThreshold: 0.179,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.2rem' }, h3: { fontSize: '1.05rem' } },
  },
  components: {
    // targets of at least 24 px (WCAG 2.5.8)
    CloseButton: { defaultProps: { size: 'md' } },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    },
    // the place holder is no menu item, which a menu may not hold; and what stands outside the page's landmarks is
    // not found by those who walk them
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, withinPortal: false } },
    // a dialog has a header, the page has the banner
    ModalHeader: { defaultProps: { role: 'presentation' } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c636a',
    '--mantine-color-placeholder': '#687078',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-anchor': '#364fc7',
    '--mantine-color-indigo-light-hover': '#dbe4ff',
    // taking away stays readable on a ticked row
    '--mantine-color-red-outline': '#c92a2a',
  },
  dark: {
    '--mantine-color-dimmed': '#adb1b5',
    '--mantine-color-placeholder': '#a3a7ab',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-anchor': '#91a7ff',
  },
});
