"""One-stop software as it exists: two client programs, written from the contract alone, and a HoSo builder."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

SAMPLES = Path(__file__).parents[1] / "data" / "samples"


def sample(name: str) -> Any:
    """Return a sample body."""
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def hoso(code: str = "H23.45-231002-0001", **given: Any) -> dict[str, Any]:
    """Build a HoSo: received on 2 October 2023, due on the 6th, in progress."""
    return {
        "MaHoSo": code,
        "MaTTHC": "1.004873",
        "TenTTHC": "Cung cấp dữ liệu đất đai",
        "MaLinhVuc": "G10-DD01",
        "TenLinhVuc": "Đất đai",
        "KenhThucHien": "1",
        "ChuHoSo": "",
        "NgayNopHoSo": "",
        "NgayTiepNhan": "20231002080000",
        "NgayHenTra": "20231006170000",
        "TrangThaiHoSo": "4",
        "NgayTra": "",
        "NgayKetThucXuLy": "",
        "NgayTuChoi": "",
        "DonViXuLy": "UBND huyện Tứ Kỳ",
        "DanhSachHoSoBoSung": [],
        **given,
    }


def tien_do(code: str, moment: str, status: str, **given: Any) -> dict[str, Any]:
    """Build a progress step."""
    return {"MaHoSo": code, "NguoiXuLy": "", "ThoiDiemXuLy": moment, "TrangThai": status, **given}


class SenderA:
    """The first dialect: a session, one address, the service named in the body."""

    def __init__(self, http: FlaskClient, source: str, key: str, agency: str = "000.00.45.H23") -> None:
        """Keep who sends."""
        self.http, self.source, self.key, self.agency = http, source, key, agency
        self.session = ""

    def login(self) -> Any:
        """Open a session."""
        answer = self._post("/national/login", {"username": self.source, "password": self.key})
        self.session = answer.get("session", "")
        return answer

    def call(self, service: str, **given: Any) -> Any:
        """Call a service in this session."""
        return self._post(
            "/national/service", {"session": self.session, "madonvi": self.agency, "service": service, **given}
        )

    def sync(self, dossiers: Iterable[Any], updating: str = "False") -> Any:
        """Send dossiers."""
        return self.call("DongBoHoSoMC", isUpdating=updating, data=list(dossiers))

    def progress(self, steps: Iterable[dict[str, Any]]) -> Any:
        """Send progress steps."""
        return self.call("CapNhatTienDoHoSoMC", data=list(steps))

    def run(self, dossiers: list[dict[str, Any]], steps: list[dict[str, Any]]) -> None:
        """Do what this software does every evening; AssertionError where it would show an error."""
        assert self.login()["error_code"] == 0
        for dossier in dossiers:
            assert self.call("LayThuTuc", maTTHC=dossier["MaTTHC"])["error_code"] == 0
            known = self.call("TraCuuHoSo", mahoso=dossier["MaHoSo"])
            assert known["error_code"] == 0
            answer = self.sync([dossier], "True" if known["result"] else "False")
            assert answer["error_code"] == "0", answer
        for step in steps:
            assert self.progress([step])["error_code"] == "0"

    def _post(self, path: str, body: Any) -> Any:
        response = self.http.post(path, json=body)
        assert response.status_code == 200
        return response.json


class SenderB:
    """The second dialect: bare arrays, the key as bearer, "thành công" as the only sign that counts."""

    def __init__(self, http: FlaskClient, key: str, agency: str = "H23.45") -> None:
        """Keep who sends."""
        self.http, self.agency = http, agency
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, service: str, data: list[Any], **query: str) -> Any:
        """Send a bare array."""
        response = self.http.post(
            f"/national/{service}",
            query_string={"MaDinhDanhDV": self.agency, **query},
            json=data,
            headers=self.headers,
        )
        assert response.status_code == 200
        return response.json

    def run(self, dossiers: list[dict[str, Any]], steps: list[dict[str, Any]]) -> None:
        """Do what this software does every evening; AssertionError where it would show an error."""
        answer = self.post("DongBoHoSoMC", dossiers, isUpdating="False")
        if "đã tồn tại" in answer["message"]:
            answer = self.post("DongBoHoSoMC", dossiers, isUpdating="True")
        assert "thành công" in answer["message"], answer
        for start in range(0, len(steps), 10):
            answer = self.post("CapNhatTienDoHoSoMC", steps[start : start + 10])
            assert "thành công" in answer["message"], answer
