// Runs before the page is painted: the theme that was chosen here, or that of
// the system.
"use strict";
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("ptero-theme");
    } catch {
      return null; // storage may be forbidden
    }
  };
  const apply = () => {
    const dark = (stored() ?? (system.matches ? "dark" : "light")) === "dark";
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.documentElement.classList.toggle("dark-mode", dark); // for the reference
    document.documentElement.classList.toggle("light-mode", !dark);
    document.body?.classList.toggle("dark-mode", dark);
    document.body?.classList.toggle("light-mode", !dark);
  };
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    document.querySelector("#theme").addEventListener("click", () => {
      const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("ptero-theme", next);
      } catch {
        return;
      }
      apply();
    });
  });
  system.addEventListener("change", apply);
})();
