import js from "@eslint/js";

const browser = [
  "AbortSignal",
  "URL",
  "clearTimeout",
  "console",
  "document",
  "fetch",
  "performance",
  "setTimeout",
  "window",
];
const node = ["URL", "console", "fetch", "performance", "process", "setTimeout"];
// For what tests evaluate in the page.
const inPage = ["Event", "PerformanceObserver", "document", "getComputedStyle", "window"];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));
const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: "error",
  "max-lines": ["error", 300],
  "max-lines-per-function": ["error", 60],
  "no-shadow": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "no-var": "error",
  "prefer-const": "error",
};
// Text from devices must never be parsed as HTML, nor anything as code.
const unsafe = [
  "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|cssText)$/]",
  "CallExpression[callee.property.name=/^(write|writeln|setAttributeNS)$/]",
  "CallExpression[callee.name='eval'], NewExpression[callee.name='Function']",
  "TemplateLiteral > TemplateElement[value.raw=/\\n/]", // the embedding joins lines
];
const message = "Not allowed in the page.";

export default [
  {
    files: ["src/web/page/**/*.js"],
    languageOptions: { globals: readonly(browser) },
    rules: {
      ...rules,
      "no-restricted-syntax": ["error", ...unsafe.map((selector) => ({ selector, message }))],
    },
  },
  {
    files: ["tests/page/**/*.js"],
    languageOptions: { globals: readonly([...node, ...inPage]) },
    rules: { ...rules, "no-restricted-syntax": "off" },
  },
];
