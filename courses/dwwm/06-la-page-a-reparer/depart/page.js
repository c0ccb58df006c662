function montrer() {
  document.querySelector(".cache").style.display = "block";
}
let place = 1000;
setInterval(function () {
  place = place < -800 ? 1000 : place - 3;
  document.querySelector("#message").style.left = place + "px";
}, 30);
