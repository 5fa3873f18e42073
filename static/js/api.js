/* Swagger UI leaves the lists of a parameter's values without a name: each gets that of its parameter. */
const nameLists = () => {
  for (const list of document.querySelectorAll("[data-param-name] select:not([aria-label])")) {
    list.setAttribute("aria-label", list.closest("[data-param-name]").dataset.paramName);
  }
};
new MutationObserver(nameLists).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
