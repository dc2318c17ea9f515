/* Chosen photos: shown small, at most nine, made at most 1,600 px before they travel (a weak
   signal carries 300 KB, not 6 MB). Without canvas, DataTransfer or scripts the plain file fields
   send the originals; the server shrinks and cleans every photo again in any case. */
(function () {
  "use strict";
  var LONGEST = 1600;
  var QUALITY = 0.82;

  function shrink(file) {
    if (!window.createImageBitmap || !/^image\/(jpeg|png|webp)$/.test(file.type)) {
      return Promise.resolve(file);
    }
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (picture) {
      var scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return new Promise(function (resolve) {
        canvas.toBlob(function (blob) {
          var smaller = blob && (scale < 1 || blob.size < file.size);
          var name = file.name.replace(/\.\w+$/, "") + ".jpg";
          resolve(smaller ? new File([blob], name, { type: "image/jpeg" }) : file);
        }, "image/jpeg", QUALITY);
      });
    }).catch(function () {
      return file; // a picture this browser cannot read may still be one the server can
    });
  }

  function tend(room) {
    var inputs = room.querySelectorAll("input[type=file]");
    var holder = inputs[inputs.length - 1]; // the album field carries all photos when sent
    var list = room.querySelector(".photo-list");
    var say = room.querySelector(".photo-say");
    var most = Number(room.dataset.max) || 9;
    var chosen = [];

    function load() {
      var bag = new DataTransfer();
      chosen.forEach(function (photo) { bag.items.add(photo.file); });
      inputs.forEach(function (input) { input.value = ""; });
      holder.files = bag.files;
    }

    function settle() {
      load();
      list.hidden = !chosen.length;
      list.textContent = "";
      chosen.forEach(function (photo, index) {
        var item = document.createElement("li");
        var picture = document.createElement("img");
        var button = document.createElement("button");
        picture.src = photo.url;
        picture.alt = "第 " + (index + 1) + " 张照片";
        button.type = "button";
        button.textContent = "✕";
        button.setAttribute("aria-label", "去掉第 " + (index + 1) + " 张照片");
        button.addEventListener("click", function () {
          URL.revokeObjectURL(photo.url);
          chosen.splice(index, 1);
          settle();
        });
        item.append(picture, button);
        list.append(item);
      });
      say.textContent = chosen.length ? "已选 " + chosen.length + " 张，最多 " + most + " 张" : "";
    }

    // The originals go in at once, so that an early press on the button loses nothing; smaller
    // copies take their place as they are ready.
    function take(files) {
      var free = most - chosen.length;
      files.slice(0, free).forEach(function (file) {
        var photo = { file: file, url: URL.createObjectURL(file) };
        chosen.push(photo);
        shrink(file).then(function (smaller) {
          photo.file = smaller;
          load();
        });
      });
      settle();
      if (files.length > free) say.textContent = "最多 " + most + " 张，多出的没有放进来";
    }

    inputs.forEach(function (input) {
      if (most > 1) input.multiple = input === holder;
      input.addEventListener("change", function () {
        if (input.files.length) take(Array.prototype.slice.call(input.files));
        else settle();
      });
    });
    room.classList.add("is-live");
  }

  try {
    new DataTransfer().items.add(new File([""], "x"));
  } catch (old) {
    return;
  }
  document.querySelectorAll("[data-photos]").forEach(tend);
})();
