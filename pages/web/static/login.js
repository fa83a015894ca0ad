// Clicking a sample account fills the form; the user still presses the button.
for (const sample of document.querySelectorAll("button.sample")) {
  sample.addEventListener("click", () => {
    document.getElementById("user").value = sample.dataset.user;
    document.getElementById("password").value = sample.dataset.password;
    document.querySelector("form button[type=submit]").focus();
  });
}
